#include "ui/views/layers_model.h"

#include "core/quantity/formula.h"
#include "ui/theme/text.h"

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

bool isRun(const LayerRow& row)
{
    return row.kind == LayerRowKind::layers || row.kind == LayerRowKind::prediction;
}

/// Empty where a cache makes no sense, "0" where a layer keeps none.
QString cacheText(const LayerRow& row, const QString& bytes)
{
    return isRun(row) || row.kind == LayerRowKind::total ? bytes : QString();
}

} // namespace

QString layerRange(const LayerRow& row)
{
    if (row.kind == LayerRowKind::total)
        return row.count == 1 ? LayersModel::tr("1 layer") : LayersModel::tr("%1 layers").arg(utf8(grouped(row.count)));
    if (!isRun(row))
        return {};
    const QString first = utf8(grouped(row.first));
    return row.count == 1 ? first : first % u"\u2013"_s % utf8(grouped(row.first + row.count - 1));
}

QString layerName(const LayerRow& row)
{
    QString name = coreText(row.label);
    if (row.kind == LayerRowKind::prediction)
        return LayersModel::tr("Multi-token prediction: %1").arg(name);
    if (isRun(row) && !name.isEmpty())
        name[0] = name.at(0).toUpper();
    return name;
}

const std::vector<LayerRow>& LayersModel::rows() const
{
    static const std::vector<LayerRow> none;
    return state_.estimate ? state_.estimate->layers : none;
}

void LayersModel::display(const ViewState& state)
{
    const int before = rowCount();
    const int after = state.estimate ? static_cast<int>(state.estimate->layers.size()) : 0;
    if (after > before)
        beginInsertRows({}, before, after - 1);
    else if (after < before)
        beginRemoveRows({}, after, before - 1);
    state_ = state;
    if (after > before)
        endInsertRows();
    else if (after < before)
        endRemoveRows();
    if (after > 0)
        Q_EMIT dataChanged(index(0, 0), index(after - 1, columns - 1));
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, columns - 1);
}

void LayersModel::setShort(bool isShort)
{
    if (short_ == isShort)
        return;
    short_ = isShort;
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, parameters), index(rowCount() - 1, parameters));
}

int LayersModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(rows().size());
}

int LayersModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : columns;
}

QString LayersModel::text(const LayerRow& row, int column) const
{
    switch (column) {
    case layers:
        return layerRange(row);
    case what:
        return layerName(row);
    case parameters:
        return utf8(short_ ? parameters_text(row.parameters) : grouped(row.parameters));
    case weights:
        return (row.weights_averaged ? u"≈ "_s : QString()) + utf8(in_unit_bare(row.weights, state_.unit));
    case perToken:
        return cacheText(row, utf8(formula_number(row.cache_per_token)));
    case perSequence:
        return cacheText(row, utf8(formula_number(row.cache_per_sequence)));
    default:
        return {};
    }
}

QString LayersModel::toolTip(const LayerRow& row) const
{
    QStringList lines{layerName(row)};
    if (!row.shape.empty())
        lines << coreText(row.shape);
    if (isRun(row) && row.count > 1)
        lines << tr("%1 equal layers of %2 parameters each")
                     .arg(utf8(grouped(row.count)), utf8(grouped(row.parameters / row.count)));
    lines
        << tr("%1 parameters, %2").arg(utf8(grouped(row.parameters)), utf8(in_fitting_unit(row.weights, state_.unit)));
    if (row.weights_averaged)
        lines << tr("Of the weights of all such layers, an even share");
    if (row.kind == LayerRowKind::prediction)
        lines << tr("Beside the total: only speculative decoding uses it");
    return lines.join(u'\n');
}

QVariant LayersModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const LayerRow& row = rows()[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case Qt::ToolTipRole:
        return toolTip(row);
    case Qt::TextAlignmentRole:
        return headerData(index.column(), Qt::Horizontal, role);
    case shapeRole:
        return index.column() == what ? coreText(row.shape) : QString();
    case totalRole:
        return row.kind == LayerRowKind::total;
    case besideRole:
        return row.kind == LayerRowKind::prediction;
    default:
        return {};
    }
}

QVariant LayersModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section > what ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case layers:
        return tr("Layers");
    case what:
        return tr("What they are");
    case parameters:
        return tr("Parameters");
    case weights:
        return tr("Weights, %1").arg(utf8(unit_name(state_.unit)));
    case perToken:
        return tr("Cache per token, B");
    case perSequence:
        return tr("per sequence, B");
    default:
        return {};
    }
}

} // namespace weighbridge
