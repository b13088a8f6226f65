#pragma once

#include "ui/session/view_state.h"

#include <QAbstractItemModel>

#include <memory>

namespace weighbridge {

/// The tree of terms with a total row below, for tables. A new estimate changes the rows that are there in place, so
/// that what is expanded, selected and in sight stays so; only terms that come or go are inserted or removed.
class MemoryModel : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum Column
    {
        component,
        perGpu,
        share,
        formula,
        basis,
        columns,
    };

    enum Role
    {
        idRole = Qt::UserRole, ///< "weights.attention"; "total" for the last row
        numbersRole,           ///< second line of the formula column
        rangeRole,             ///< second line of the basis column
        seriesRole,            ///< index into the series colours; -1 below the first level
        totalRole,             ///< true in the last row
    };

    explicit MemoryModel(QObject* parent = nullptr);
    ~MemoryModel() override;

    void display(const ViewState& state);
    const ViewState& state() const { return state_; }
    QModelIndex indexOf(const QString& id) const;

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& index) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Node;

    Node* nodeOf(const QModelIndex& index) const;
    QModelIndex indexOf(const Node* node) const;
    void merge(Node& node, const std::vector<Term>& terms, const std::vector<std::string>& ids);
    void update(Node& node, const std::vector<Term>& terms);
    QString text(const Node& node, int column) const;
    QString totalText(int column) const;
    QString toolTip(const Node& node) const;

    ViewState state_;
    std::unique_ptr<Node> root_;
};

} // namespace weighbridge
