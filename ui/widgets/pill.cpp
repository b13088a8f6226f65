#include "ui/widgets/pill.h"

#include <QPainter>

namespace weighbridge {

void drawPill(QPainter& painter, const QRectF& rect, const QString& text, const QFont& font, const QColor& color,
              const QColor& tint)
{
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(tint);
    painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2);
    painter.setFont(font);
    painter.setPen(color);
    painter.drawText(rect, Qt::AlignCenter, text);
}

Pill::Pill(QWidget* parent) : QLabel(parent)
{
    setTextFormat(Qt::PlainText);
}

void Pill::setColors(const QColor& text, const QColor& tint)
{
    text_ = text;
    tint_ = tint;
    update();
}

void Pill::setPillText(const QString& text)
{
    if (this->text() == text)
        return;
    setText(text);
    updateGeometry();
}

int Pill::widthOf(const QString& text) const
{
    return QFontMetrics(font()).horizontalAdvance(text) + sizeHint().height();
}

QSize Pill::sizeHint() const
{
    const QFontMetrics metrics(font());
    const int height = metrics.height() + metrics.height() / 2;
    return {metrics.horizontalAdvance(text()) + height, height};
}

void Pill::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const int room = width() - height() / 2;
    drawPill(painter, QRectF(rect()), fontMetrics().elidedText(text(), Qt::ElideMiddle, room), font(), text_, tint_);
}

} // namespace weighbridge
