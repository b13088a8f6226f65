#pragma once

#include "ui/widgets/segmented_control.h"

namespace weighbridge {

class Session;

/// Inference, fine-tune or train: the scenario's task, in step with the session. What the other tasks were given stays
/// with the scenario.
class TaskSwitch : public SegmentedControl
{
    Q_OBJECT

public:
    explicit TaskSwitch(Session& session, QWidget* parent = nullptr);

    QString partToolTip(std::size_t part) const override;
    /// Narrower than other segmented controls may get: the form is narrow at large font sizes.
    QSize minimumSizeHint() const override;

private:
    void follow();

    Session& session_;
};

} // namespace weighbridge
