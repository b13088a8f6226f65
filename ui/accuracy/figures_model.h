#pragma once

#include "core/accuracy/accuracy.h"

#include <QAbstractTableModel>

namespace weighbridge {

/// The figures of one engine, one row each: how many runs, how far off, and whether the bar is met.
class FiguresModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column
    {
        title,
        runs,
        median,
        nineOfTen,
        verdict,
        columns,
    };

    using QAbstractTableModel::QAbstractTableModel;

    void display(AccuracyPointer accuracy, std::size_t set);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString text(const FigureAccuracy& figure, int column) const;

    AccuracyPointer accuracy_;
    std::size_t set_ = 0;
};

} // namespace weighbridge
