#include "ui/widgets/table_model.h"

#include "ui/theme/text.h"

#include <utility>

namespace weighbridge {

void TableModel::display(Table table)
{
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        if (table.columns[i].is_shown())
            columns.push_back(i);
    const bool same = table.rows.size() == table_.rows.size() && columns.size() == columns_.size();
    if (!same)
        beginResetModel();
    table_ = std::move(table);
    columns_ = std::move(columns);
    if (!same)
        endResetModel();
    else if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

const Cell& TableModel::cell(int row, int section) const
{
    return table_.rows.at(static_cast<std::size_t>(row)).cells.at(columns_.at(static_cast<std::size_t>(section)));
}

int TableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(table_.rows.size());
}

int TableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(columns_.size());
}

QVariant TableModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const Cell& shown = cell(index.row(), index.column());
    switch (role) {
    case Qt::DisplayRole:
        return utf8(shown.text);
    case Qt::ToolTipRole: {
        // Texts may be shortened in their columns.
        const bool number = column(index.column()).kind == ColumnKind::number;
        return utf8(shown.remark.empty() && !number ? shown.text : shown.remark);
    }
    case Qt::TextAlignmentRole:
        return headerData(index.column(), Qt::Horizontal, role);
    case emphasisRole:
        return static_cast<int>(table_.rows[static_cast<std::size_t>(index.row())].emphasis);
    case markRole:
        return static_cast<int>(shown.mark);
    case numberRole:
        return column(index.column()).kind == ColumnKind::number;
    default:
        return {};
    }
}

QVariant TableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    const Column& shown = column(section);
    switch (role) {
    case Qt::DisplayRole:
        return coreText(shown.heading);
    case narrowHeadingRole:
        return coreText(shown.narrow);
    case Qt::ToolTipRole:
        return coreText(shown.tip);
    case Qt::TextAlignmentRole:
        return static_cast<int>((shown.kind == ColumnKind::number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    default:
        return {};
    }
}

void TableModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= columnCount())
        return;
    Q_EMIT layoutAboutToBeChanged();
    sort_by(table_, columns_[static_cast<std::size_t>(column)], order == Qt::DescendingOrder);
    Q_EMIT layoutChanged();
}

Column shownColumn(const QString& heading, ColumnKind kind, const QString& tip, int spare)
{
    Column column{.heading = heading.toStdString(), .kind = kind, .who = For::people};
    column.tip = tip.toStdString();
    column.spare = spare;
    return column;
}

Cell shownCell(const QString& text, Value value, const QString& tip)
{
    return {text.toStdString(), std::move(value), tip.toStdString()};
}

} // namespace weighbridge
