#pragma once

#include <QColor>
#include <QLabel>

namespace weighbridge {

/// A short text on a rounded tint: a verdict, a bound.
class Pill : public QLabel
{
    Q_OBJECT

public:
    explicit Pill(QWidget* parent = nullptr);

    void setColors(const QColor& text, const QColor& tint);
    void setPillText(const QString& text);
    /// What it takes with another text.
    int widthOf(const QString& text) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QColor text_;
    QColor tint_;
};

/// Paints such a pill in a rectangle, for delegates.
void drawPill(QPainter& painter, const QRectF& rect, const QString& text, const QFont& font, const QColor& color,
              const QColor& tint);

} // namespace weighbridge
