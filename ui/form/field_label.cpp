#include "ui/form/field_label.h"

#include "ui/theme/ink.h"

#include <QEvent>
#include <QFontMetrics>
#include <QPainter>

namespace weighbridge {

namespace {

constexpr int symbolGap = 5;

} // namespace

FieldLabel::FieldLabel(const QString& text, const QString& symbol, QWidget* parent)
    : QLabel(text, parent), symbol_(symbol)
{
    setTextFormat(Qt::PlainText);
    measure();
}

int FieldLabel::widthFor(const QString& text, const QString& symbol, const QFont& font)
{
    const int width = QFontMetrics(font).horizontalAdvance(text);
    return symbol.isEmpty() ? width : width + symbolGap + QFontMetrics(smallFont(font)).horizontalAdvance(symbol) + 1;
}

QSize FieldLabel::sizeHint() const
{
    return size_;
}

QSize FieldLabel::minimumSizeHint() const
{
    return size_;
}

void FieldLabel::measure()
{
    const QFontMetrics metrics = fontMetrics();
    symbolLeft_ = metrics.horizontalAdvance(text()) + symbolGap;
    const int width = symbol_.isEmpty() ? symbolLeft_ - symbolGap
                                        : symbolLeft_ + QFontMetrics(smallFont(font())).horizontalAdvance(symbol_) + 1;
    size_ = {width, metrics.height()};
}

void FieldLabel::changeEvent(QEvent* event)
{
    QLabel::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        measure();
}

void FieldLabel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const int baseline = (height() - fontMetrics().height()) / 2 + fontMetrics().ascent();
    const bool enabled = isEnabled();
    painter.setPen(enabled ? palette().color(QPalette::WindowText) : mutedInk(palette()));
    painter.drawText(QPoint(0, baseline), text());
    if (symbol_.isEmpty())
        return;
    painter.setFont(smallFont(font()));
    painter.setPen(mutedInk(palette()));
    painter.drawText(QPoint(symbolLeft_, baseline), symbol_);
}

} // namespace weighbridge
