#include "ui/theme/group_heading.h"

#include "ui/theme/ink.h"

#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QStyle>
#include <QStyleOptionFocusRect>

namespace weighbridge {

namespace {

QFont titleFont(const QFont& font)
{
    QFont bold = font;
    bold.setWeight(QFont::DemiBold);
    if (font.pointSizeF() > 0)
        bold.setPointSizeF(font.pointSizeF() * 0.95);
    return bold;
}

void paintArrow(QPainter& painter, const QRectF& box, bool open, const QColor& ink)
{
    QPainterPath arrow;
    if (open) {
        arrow.moveTo(box.left(), box.top() + box.height() * 0.25);
        arrow.lineTo(box.right(), box.top() + box.height() * 0.25);
        arrow.lineTo(box.center().x(), box.top() + box.height() * 0.8);
    } else {
        arrow.moveTo(box.left() + box.width() * 0.25, box.top());
        arrow.lineTo(box.left() + box.width() * 0.8, box.center().y());
        arrow.lineTo(box.left() + box.width() * 0.25, box.bottom());
    }
    arrow.closeSubpath();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillPath(arrow, ink);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

} // namespace

GroupHeading::GroupHeading(const QString& title, bool folds, QWidget* parent) : QAbstractButton(parent), folds_(folds)
{
    setText(title);
    setCheckable(folds);
    setFocusPolicy(folds ? Qt::StrongFocus : Qt::NoFocus);
    setAttribute(Qt::WA_Hover, folds);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    if (folds)
        connect(this, &QAbstractButton::toggled, this, &GroupHeading::describe);
    describe();
}

void GroupHeading::setTitle(const QString& title)
{
    if (text() == title)
        return;
    setText(title);
    describe();
    updateGeometry();
}

void GroupHeading::setSummary(const QString& summary)
{
    if (summary_ == summary)
        return;
    summary_ = summary;
    describe();
    update();
}

void GroupHeading::describe()
{
    QString name = text();
    if (!summary_.isEmpty())
        name += QStringLiteral(", ") + summary_;
    if (folds_)
        name += QStringLiteral(", ") + (isChecked() ? tr("unfolded") : tr("folded"));
    setAccessibleName(name);
}

QSize GroupHeading::sizeHint() const
{
    const int height = QFontMetrics(titleFont(font())).height();
    return {QFontMetrics(titleFont(font())).horizontalAdvance(text()) + 2 * height, height * 3 / 2 + 4};
}

QSize GroupHeading::minimumSizeHint() const
{
    return sizeHint();
}

void GroupHeading::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const int rule = height() - 1;
    painter.setPen(hairline(palette()));
    painter.drawLine(0, rule, width(), rule);

    const QFont bold = titleFont(font());
    const QFontMetrics titleMetrics(bold);
    const QRect line(0, 0, width(), height() - 3);
    painter.setFont(bold);
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, text());

    const QFont small = smallFont(font());
    const QFontMetrics metrics(small);
    const double side = metrics.ascent() * 0.72;
    const int arrowRoom = folds_ ? static_cast<int>(side) + 6 : 0;
    const int left = titleMetrics.horizontalAdvance(text()) + metrics.averageCharWidth() * 2;
    const QRect right(left, 0, qMax(0, width() - left - arrowRoom), height() - 3);
    const QColor ink = underMouse() && folds_ ? palette().color(QPalette::WindowText) : mutedInk(palette());
    painter.setFont(small);
    painter.setPen(ink);
    painter.drawText(right, Qt::AlignRight | Qt::AlignVCenter,
                     metrics.elidedText(summary_, Qt::ElideRight, right.width()));
    if (folds_)
        paintArrow(painter, QRectF(width() - side, (height() - 3 - side) / 2.0, side, side), isChecked(), ink);
    if (hasFocus()) {
        QStyleOptionFocusRect option;
        option.initFrom(this);
        option.rect = rect().adjusted(0, 0, 0, -2);
        style()->drawPrimitive(QStyle::PE_FrameFocusRect, &option, &painter, this);
    }
}

void GroupHeading::keyPressEvent(QKeyEvent* event)
{
    const bool opens = event->key() == Qt::Key_Right || event->key() == Qt::Key_Plus;
    const bool folds = event->key() == Qt::Key_Left || event->key() == Qt::Key_Minus;
    const bool toggles = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (folds_ && (opens || folds || toggles))
        setChecked(toggles ? !isChecked() : opens);
    else
        QAbstractButton::keyPressEvent(event);
}

} // namespace weighbridge
