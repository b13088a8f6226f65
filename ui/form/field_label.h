#pragma once

#include <QLabel>
#include <QString>

namespace weighbridge {

/// "Hidden size h": what a field is called, and in a smaller, paler hand the symbol that the formulas use for it.
class FieldLabel : public QLabel
{
    Q_OBJECT

public:
    FieldLabel(const QString& text, const QString& symbol, QWidget* parent = nullptr);

    /// As wide as it takes to show both.
    static int widthFor(const QString& text, const QString& symbol, const QFont& font);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void measure();

    QString symbol_;
    QSize size_; ///< kept, as layouts ask for it often and shaping text is what the form's layout costs
    int symbolLeft_ = 0;
};

} // namespace weighbridge
