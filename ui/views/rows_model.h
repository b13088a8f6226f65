#pragma once

#include <QAbstractTableModel>
#include <QString>

#include <optional>
#include <vector>

namespace weighbridge {

/// A cell as it is shown, and what it is sorted by.
struct RowCell
{
    QString text;
    std::optional<double> order; ///< nothing: by its text
    QString toolTip;
};

struct RowsColumn
{
    QString heading;
    bool number = false; ///< at the right, in digits of equal width
    QString toolTip;
    int spare = 0; ///< 0: always in sight; where there is no room, the highest give way first. Copied all the same
};

/// A table of texts that somebody else has worked out.
struct Rows
{
    struct Row
    {
        std::vector<RowCell> cells;
        bool strong = false; ///< the one to look at first
        bool muted = false;
    };

    std::vector<RowsColumn> columns;
    std::vector<Row> rows;
};

/// Rows for a RowsTable.
class RowsModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Role
    {
        strongRole = Qt::UserRole,
        mutedRole,
        numberRole,
    };

    using QAbstractTableModel::QAbstractTableModel;

    void display(Rows rows);
    const Rows& shown() const { return rows_; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

private:
    Rows rows_;
};

} // namespace weighbridge
