#pragma once

#include "ui/session/view_state.h"

#include <QWidget>

namespace weighbridge {

class ElidedLabel;

/// One line below everything: what the model is at the left, what would still fit at the right.
class SummaryBar : public QWidget
{
    Q_OBJECT

public:
    explicit SummaryBar(QWidget* parent = nullptr);

    void display(const ViewState& state);

protected:
    void changeEvent(QEvent* event) override;

private:
    void style();

    ElidedLabel* model_;
    ElidedLabel* capacity_;
};

} // namespace weighbridge
