#pragma once

#include "core/accuracy/accuracy.h"

#include <QAbstractTableModel>

#include <optional>
#include <vector>

namespace weighbridge {

/// The runs of one figure, those that are farthest off first; behind them those that are not held against the bar.
class RunsModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        mark,
        run,
        model,
        setup,
        predicted,
        measured,
        error,
        source,
        columns,
    };

    using QAbstractTableModel::QAbstractTableModel;

    void display(AccuracyPointer accuracy, std::size_t set, std::size_t figure);
    /// Index into FigureAccuracy::points; nothing beyond the last row.
    std::optional<std::size_t> pointAt(int row) const;
    /// -1 where there is no such point.
    int rowOf(std::size_t point) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    const SetAccuracy& set() const { return accuracy_->sets.at(set_); }
    const FigureAccuracy& figure() const { return set().figures.at(figure_); }
    QString text(const AccuracyPoint& point, int column) const;

    AccuracyPointer accuracy_;
    std::size_t set_ = 0;
    std::size_t figure_ = 0;
    std::vector<std::size_t> order_; ///< points by row
};

} // namespace weighbridge
