#pragma once

#include "core/report/table.h"

#include <QAbstractTableModel>
#include <QString>

#include <vector>

namespace weighbridge {

/// Any table of facts for a TableSheet: the columns that are for people.
class TableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Role
    {
        emphasisRole = Qt::UserRole, ///< Emphasis of the row
        markRole,                    ///< Mark of the cell
        numberRole,
        narrowHeadingRole, ///< of a heading: what it is where there is little room; empty: the same
    };

    using QAbstractTableModel::QAbstractTableModel;

    void display(Table table);
    const Table& shown() const { return table_; }
    /// Of a section, which counts only what is for people.
    const Column& column(int section) const { return table_.columns[columns_.at(static_cast<std::size_t>(section))]; }
    const Cell& cell(int row, int section) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

private:
    Table table_;
    std::vector<std::size_t> columns_; ///< for people
};

/// A column and a cell that the window words itself.
Column shownColumn(const QString& heading, ColumnKind kind = ColumnKind::text, const QString& tip = {}, int spare = 0);
Cell shownCell(const QString& text, Value value = {}, const QString& tip = {});

} // namespace weighbridge
