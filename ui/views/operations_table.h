#pragma once

#include "ui/views/operations_model.h"
#include "ui/widgets/sheet_view.h"

namespace weighbridge {

/// The operations of one layer: FLOPs, bytes, intensity and what bounds each.
class OperationsTable : public SheetView
{
    Q_OBJECT

public:
    explicit OperationsTable(QWidget* parent = nullptr);

    void display(const ViewState& state, std::size_t index);
    OperationsModel& operationsModel() { return *model_; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    int widthFor(int column) const;
    void layOutColumns();

    OperationsModel* model_;
};

} // namespace weighbridge
