#include "ui/form/field_label.h"

#include "ui/form/ink.h"

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
}

int FieldLabel::widthFor(const QString& text, const QString& symbol, const QFont& font)
{
    const int width = QFontMetrics(font).horizontalAdvance(text);
    return symbol.isEmpty() ? width : width + symbolGap + QFontMetrics(smallFont(font)).horizontalAdvance(symbol) + 1;
}

QSize FieldLabel::sizeHint() const
{
    return {widthFor(text(), symbol_, font()), fontMetrics().height()};
}

QSize FieldLabel::minimumSizeHint() const
{
    return sizeHint();
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
    const int left = fontMetrics().horizontalAdvance(text()) + symbolGap;
    painter.setFont(smallFont(font()));
    painter.setPen(mutedInk(palette()));
    painter.drawText(QPoint(left, baseline), symbol_);
}

} // namespace weighbridge
