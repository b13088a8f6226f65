#include "ui/widgets/elided_label.h"

#include <QEvent>

namespace weighbridge {

ElidedLabel::ElidedLabel(QWidget* parent) : QLabel(parent)
{
    setTextFormat(Qt::PlainText);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void ElidedLabel::setFullText(const QString& text)
{
    if (full_ == text)
        return;
    full_ = text;
    setAccessibleName(text);
    updateGeometry();
    elide();
}

void ElidedLabel::elide()
{
    const QString between = QStringLiteral(" · ");
    const int room = contentsRect().width();
    QString shown = full_;
    QStringList facts = full_.split(between);
    // "A · B · C · D" becomes "A · B · … · D", then "A · … · D".
    for (qsizetype kept = facts.size() - 2; kept > 0 && fontMetrics().horizontalAdvance(shown) > room; --kept)
        shown = (facts.first(kept) << QStringLiteral("…") << facts.last()).join(between);
    // A fact is shown whole or not at all: half a number is another number.
    if (facts.size() > 1 && fontMetrics().horizontalAdvance(shown) > room)
        shown = facts.first() + between + QStringLiteral("…");
    shown = fontMetrics().elidedText(shown, facts.size() > 1 ? Qt::ElideRight : Qt::ElideMiddle, room);
    setText(shown);
    setToolTip(shown == full_ ? QString() : full_);
}

QSize ElidedLabel::sizeHint() const
{
    return {fontMetrics().horizontalAdvance(full_) + 2, fontMetrics().height()};
}

QSize ElidedLabel::minimumSizeHint() const
{
    return {std::min(sizeHint().width(), fontMetrics().averageCharWidth() * 8), fontMetrics().height()};
}

void ElidedLabel::resizeEvent(QResizeEvent* event)
{
    QLabel::resizeEvent(event);
    elide();
}

void ElidedLabel::changeEvent(QEvent* event)
{
    QLabel::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        updateGeometry();
        elide();
    }
}

} // namespace weighbridge
