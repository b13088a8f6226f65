#pragma once

#include "ui/session/view_state.h"

#include <QWidget>

class QComboBox;
class QGridLayout;
class QLabel;

namespace weighbridge {

class ElidedLabel;
class TableSheet;
class RooflineChart;
class SegmentedControl;

/// Decode or prefill of one kind of layer: the chart, the operations and what they mean. Narrow windows stack chart and
/// table.
class RooflineView : public QWidget
{
    Q_OBJECT

public:
    explicit RooflineView(QWidget* parent = nullptr);

    void display(const ViewState& state);
    /// Decode (0) or prefill (1), chosen elsewhere: it then has no choice of its own.
    void followPhase(int index);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void fillKinds();
    void showChosen();
    void paintSwatch(QPainter& painter, const QRectF& box, int row) const;
    void arrange();
    void style();
    /// Index into Estimate::rooflines of what is chosen.
    std::size_t chosen() const;
    QString contextText() const;
    QString sentence(const Roofline& roofline) const;

    ViewState state_;
    SegmentedControl* phase_;
    QComboBox* kind_;
    ElidedLabel* context_;
    RooflineChart* chart_;
    TableSheet* table_;
    QLabel* sentence_;
    QLabel* explanation_;
    QWidget* right_;
    QGridLayout* top_;
    QGridLayout* body_;
    bool beside_ = false;
    bool follows_ = false; ///< the phase is chosen elsewhere
};

} // namespace weighbridge
