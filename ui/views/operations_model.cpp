#include "ui/views/operations_model.h"

#include "ui/charts/roofline_chart.h"
#include "ui/theme/text.h"

namespace weighbridge {

namespace {

std::size_t rowsOf(const ViewState& state, std::size_t index)
{
    if (!state.estimate || index >= state.estimate->rooflines.size())
        return 0;
    return state.estimate->rooflines[index].rows.size() + 1;
}

} // namespace

const Roofline* OperationsModel::roofline() const
{
    return rowsOf(state_, index_) == 0 ? nullptr : &state_.estimate->rooflines[index_];
}

void OperationsModel::display(const ViewState& state, std::size_t index)
{
    const int before = rowCount();
    const int after = static_cast<int>(rowsOf(state, index));
    if (after > before)
        beginInsertRows({}, before, after - 1);
    else if (after < before)
        beginRemoveRows({}, after, before - 1);
    state_ = state;
    index_ = index;
    if (after > before)
        endInsertRows();
    else if (after < before)
        endRemoveRows();
    if (after > 0)
        Q_EMIT dataChanged(this->index(0, 0), this->index(after - 1, columns - 1));
}

int OperationsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(rowsOf(state_, index_));
}

int OperationsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : columns;
}

QString OperationsModel::text(const RooflineRow& row, int column) const
{
    switch (column) {
    case operation:
        return coreText(row.operation.label);
    case flops:
        return utf8(si_text(row.operation.flops));
    case bytes:
        return utf8(traffic_text(row.operation.bytes()));
    case intensity:
        return utf8(si_text(row.operation.intensity()));
    case bound:
        return row.bound == Bound::unknown ? QStringLiteral("—") : boundWord(row.bound);
    default:
        return {};
    }
}

QString OperationsModel::totalText(const Roofline& roofline, int column) const
{
    switch (column) {
    case operation:
        return tr("One layer");
    case flops:
        return utf8(si_text(roofline.flops));
    case bytes:
        return utf8(traffic_text(roofline.bytes));
    case intensity:
        return roofline.intensity() > 0 ? utf8(si_text(roofline.intensity())) : QString();
    default:
        return {};
    }
}

QVariant OperationsModel::data(const QModelIndex& index, int role) const
{
    const Roofline* shown = roofline();
    if (!index.isValid() || !shown)
        return {};
    const auto row = static_cast<std::size_t>(index.row());
    const bool total = row >= shown->rows.size();
    switch (role) {
    case Qt::DisplayRole:
        return total ? totalText(*shown, index.column()) : text(shown->rows[row], index.column());
    case Qt::ToolTipRole:
        return total ? QString() : operationToolTip(shown->rows[row]);
    case Qt::TextAlignmentRole:
        return headerData(index.column(), Qt::Horizontal, role);
    case seriesRole:
        return total ? -1 : static_cast<int>(operationSeries(shown->rows[row].operation.id));
    case boundRole:
        return static_cast<int>(total ? Bound::unknown : shown->rows[row].bound);
    case totalRole:
        return total;
    default:
        return {};
    }
}

QVariant OperationsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole) {
        const bool number = section == flops || section == bytes || section == intensity;
        return static_cast<int>((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case operation:
        return tr("Operation, per layer and GPU");
    case flops:
        return tr("FLOPs");
    case bytes:
        return tr("Bytes");
    case intensity:
        return tr("FLOP/B");
    case bound:
        return tr("Bound by");
    default:
        return {};
    }
}

} // namespace weighbridge
