#pragma once

#include "ui/views/segmented_control.h"

namespace weighbridge {

/// Inference, fine-tune or train. The latter two are not built yet: they are pale, say so, and can't be taken.
class TaskSwitch : public SegmentedControl
{
    Q_OBJECT

public:
    explicit TaskSwitch(QWidget* parent = nullptr);

    QString partToolTip(std::size_t part) const override;
    /// Narrower than other segmented controls may get: the form is narrow at large font sizes.
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    std::optional<std::size_t> neighbour(std::size_t from, int key) const override;
};

} // namespace weighbridge
