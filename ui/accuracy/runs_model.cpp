#include "ui/accuracy/runs_model.h"

#include "core/accuracy/wording.h"
#include "ui/accuracy/accuracy_sheet.h"
#include "ui/accuracy/accuracy_words.h"
#include "ui/charts/scatter_layout.h"
#include "ui/theme/text.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

bool isNumber(int column)
{
    return column == RunsModel::predicted || column == RunsModel::measured || column == RunsModel::error;
}

/// Misses first, then what counts, then what is set aside; in each the farthest off first.
bool comesBefore(const AccuracyPoint& a, const AccuracyPoint& b)
{
    if (a.counts() != b.counts())
        return a.counts();
    if (a.misses() != b.misses())
        return a.misses();
    return std::abs(a.error) > std::abs(b.error);
}

} // namespace

void RunsModel::display(AccuracyPointer accuracy, std::size_t set, std::size_t figure)
{
    beginResetModel();
    accuracy_ = std::move(accuracy);
    set_ = set;
    figure_ = figure;
    order_.clear();
    if (accuracy_) {
        const auto& points = this->figure().points;
        order_.resize(points.size());
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        std::stable_sort(order_.begin(), order_.end(),
                         [&](std::size_t a, std::size_t b) { return comesBefore(points[a], points[b]); });
    }
    endResetModel();
}

std::optional<std::size_t> RunsModel::pointAt(int row) const
{
    const auto index = static_cast<std::size_t>(row);
    return row >= 0 && index < order_.size() ? std::optional(order_[index]) : std::nullopt;
}

int RunsModel::rowOf(std::size_t point) const
{
    const auto found = std::find(order_.begin(), order_.end(), point);
    return found == order_.end() ? -1 : static_cast<int>(found - order_.begin());
}

int RunsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(order_.size());
}

int RunsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : columns;
}

QString RunsModel::text(const AccuracyPoint& point, int column) const
{
    const MeasuredRun& measuredRun = set().runs[point.run];
    const AccuracyFigure& shown = *figure().figure;
    switch (column) {
    case mark:
        return markWord(point);
    case run:
        return utf8(measuredRun.id);
    case model:
        return utf8(measuredRun.model);
    case setup:
        return setupText(measuredRun);
    case predicted:
        return utf8(figure_value_text(shown, point.comparison.predicted));
    case measured:
        return utf8(figure_value_text(shown, point.comparison.measured));
    case error:
        if (shown.bar.kind == BarKind::printed && point.within)
            return tr("equal");
        return utf8(signed_error_text(shown, point.error));
    case source:
        return utf8(measuredRun.source);
    default:
        return {};
    }
}

QVariant RunsModel::data(const QModelIndex& index, int role) const
{
    const auto place = index.isValid() ? pointAt(index.row()) : std::nullopt;
    if (!place)
        return {};
    const AccuracyPoint& point = figure().points[*place];
    switch (role) {
    case Qt::DisplayRole:
        return text(point, index.column());
    case Qt::ToolTipRole:
        return runDetails(set(), figure(), *place);
    case Qt::TextAlignmentRole:
        return headerData(index.column(), Qt::Horizontal, role);
    case markRole:
        return index.column() == mark ? QVariant(static_cast<int>(accuracyMark(point))) : QVariant();
    case toneRole: {
        const bool quiet = !point.counts() || index.column() == setup || index.column() == source;
        if (index.column() == error && point.misses())
            return static_cast<int>(AccuracyTone::bad);
        return static_cast<int>(quiet ? AccuracyTone::muted : AccuracyTone::plain);
    }
    default:
        return {};
    }
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((isNumber(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const QString unit =
        accuracy_ && !figure().figure->unit.empty() ? u", "_s + coreText(figure().figure->unit) : QString();
    switch (section) {
    case run:
        return tr("Run");
    case model:
        return tr("Model");
    case setup:
        return tr("Set up as");
    case predicted:
        return QString(tr("Predicted") + unit);
    case measured:
        return tr("Measured");
    case error:
        return tr("Error");
    case source:
        return tr("Source");
    default:
        return {};
    }
}

} // namespace weighbridge
