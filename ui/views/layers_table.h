#pragma once

#include "ui/views/layers_model.h"
#include "ui/widgets/sheet_view.h"

#include <array>

namespace weighbridge {

/// The network run by run: what each is, its parameters, weights and cache.
class LayersTable : public SheetView
{
    Q_OBJECT

public:
    explicit LayersTable(QWidget* parent = nullptr);

    void display(const ViewState& state);
    LayersModel& layersModel() { return *model_; }

    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    int widthFor(int column) const;
    int figuresWidth() const;
    int leastNames() const;
    void measure();
    void layOutColumns();

    LayersModel* model_;
    std::array<int, LayersModel::columns> widths_{}; ///< what each column takes, all digits of the parameters shown
    int shortParameters_ = 0;                        ///< what the parameters take, rounded
    int leastWidth_ = 0;                             ///< of all columns, with short figures
};

} // namespace weighbridge
