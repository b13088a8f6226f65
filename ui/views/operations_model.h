#pragma once

#include "ui/session/view_state.h"

#include <QAbstractTableModel>

namespace weighbridge {

/// The operations of one roofline, with a row for the whole layer below.
class OperationsModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        operation,
        flops,
        bytes,
        intensity,
        bound,
        columns,
    };

    enum Role
    {
        seriesRole = Qt::UserRole, ///< index into the series colours; -1 for the whole layer
        boundRole,                 ///< Bound as a number
        totalRole,
    };

    using QAbstractTableModel::QAbstractTableModel;

    /// Shows `estimate->rooflines[index]`.
    void display(const ViewState& state, std::size_t index);
    const Roofline* roofline() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString text(const RooflineRow& row, int column) const;
    QString totalText(const Roofline& roofline, int column) const;

    ViewState state_;
    std::size_t index_ = 0;
};

} // namespace weighbridge
