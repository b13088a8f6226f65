#pragma once

#include "ui/charts/parts_widget.h"

namespace weighbridge {

/// A few choices side by side, one of them taken. Arrow keys take the neighbour at once, as radio buttons do.
class SegmentedControl : public PartsWidget
{
    Q_OBJECT

public:
    explicit SegmentedControl(const QStringList& choices, QWidget* parent = nullptr);

    int currentIndex() const { return index_; }
    void setCurrentIndex(int index);
    const QStringList& choices() const { return choices_; }

    std::size_t partCount() const override { return static_cast<std::size_t>(choices_.size()); }
    QString partName(std::size_t part) const override { return choices_.at(static_cast<qsizetype>(part)); }
    QString partToolTip(std::size_t) const override { return {}; }
    QRectF partRect(std::size_t part) const override;
    bool partSelected(std::size_t part) const override { return static_cast<int>(part) == index_; }
    void activatePart(std::size_t part) override { setCurrentIndex(static_cast<int>(part)); }
    QAccessible::Role widgetRole() const override { return QAccessible::Grouping; }
    QAccessible::Role partRole() const override { return QAccessible::RadioButton; }
    bool partsActivate() const override { return true; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void currentIndexChanged(int index);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QStringList choices_;
    int index_ = 0;
};

} // namespace weighbridge
