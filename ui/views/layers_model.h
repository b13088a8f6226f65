#pragma once

#include "ui/session/view_state.h"

#include <QAbstractTableModel>

namespace weighbridge {

/// The network from input to output, one row per run of equal layers, with its total; of the whole model.
class LayersModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        layers,
        what,
        parameters,
        weights,
        perToken,
        perSequence,
        columns,
    };

    enum Role
    {
        shapeRole = Qt::UserRole, ///< sizes of the layer, beside what it is
        totalRole,
        besideRole, ///< counted beside the total
    };

    using QAbstractTableModel::QAbstractTableModel;

    void display(const ViewState& state);
    const ViewState& state() const { return state_; }
    /// Parameters as "8.03 B" in place of all digits.
    void setShort(bool isShort);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    const std::vector<LayerRow>& rows() const;
    QString text(const LayerRow& row, int column) const;
    QString toolTip(const LayerRow& row) const;

    ViewState state_;
    bool short_ = false;
};

/// "3–60", "61"; of the total how many layers there are; empty for rows outside the layers.
QString layerRange(const LayerRow& row);
/// "Full attention, dense"; of multi-token prediction with that name before it.
QString layerName(const LayerRow& row);

} // namespace weighbridge
