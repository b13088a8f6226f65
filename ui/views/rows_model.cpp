#include "ui/views/rows_model.h"

#include <algorithm>
#include <utility>

namespace weighbridge {

namespace {

/// What has no order comes after all that has one, whichever way they are sorted.
bool before(const RowCell& a, const RowCell& b, bool ascending, bool number)
{
    if (a.order && b.order)
        return ascending ? *a.order < *b.order : *b.order < *a.order;
    if (a.order || b.order || number)
        return a.order.has_value() && !b.order;
    return ascending ? a.text.compare(b.text) < 0 : b.text.compare(a.text) < 0;
}

} // namespace

void RowsModel::display(Rows rows)
{
    const bool same = rows.rows.size() == rows_.rows.size() && rows.columns.size() == rows_.columns.size();
    if (!same)
        beginResetModel();
    rows_ = std::move(rows);
    if (!same)
        endResetModel();
    else if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

int RowsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(rows_.rows.size());
}

int RowsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(rows_.columns.size());
}

QVariant RowsModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const Rows::Row& row = rows_.rows.at(static_cast<std::size_t>(index.row()));
    const auto column = static_cast<std::size_t>(index.column());
    if (column >= row.cells.size())
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return row.cells[column].text;
    case Qt::ToolTipRole:
        return row.cells[column].toolTip;
    case Qt::TextAlignmentRole:
        return headerData(index.column(), Qt::Horizontal, role);
    case strongRole:
        return row.strong;
    case mutedRole:
        return row.muted;
    case numberRole:
        return rows_.columns.at(column).number;
    default:
        return {};
    }
}

QVariant RowsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    const RowsColumn& column = rows_.columns[static_cast<std::size_t>(section)];
    switch (role) {
    case Qt::DisplayRole:
        return column.heading;
    case Qt::ToolTipRole:
        return column.toolTip;
    case Qt::TextAlignmentRole:
        return static_cast<int>((column.number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    default:
        return {};
    }
}

void RowsModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= columnCount())
        return;
    const auto at = static_cast<std::size_t>(column);
    const bool number = rows_.columns[at].number;
    Q_EMIT layoutAboutToBeChanged();
    std::stable_sort(rows_.rows.begin(), rows_.rows.end(), [&](const Rows::Row& a, const Rows::Row& b) {
        return before(a.cells.at(at), b.cells.at(at), order == Qt::AscendingOrder, number);
    });
    Q_EMIT layoutChanged();
}

} // namespace weighbridge
