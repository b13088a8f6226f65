#include "ui/accuracy/figures_model.h"

#include "core/accuracy/wording.h"
#include "core/quantity/display.h"
#include "ui/accuracy/accuracy_sheet.h"
#include "ui/accuracy/accuracy_words.h"
#include "ui/theme/text.h"

#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

void FiguresModel::display(AccuracyPointer accuracy, std::size_t set)
{
    beginResetModel();
    accuracy_ = std::move(accuracy);
    set_ = set;
    endResetModel();
}

int FiguresModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() || !accuracy_ ? 0 : static_cast<int>(accuracy_->sets.at(set_).figures.size());
}

int FiguresModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : columns;
}

QString FiguresModel::text(const FigureAccuracy& figure, int column) const
{
    const ErrorSummary& summary = figure.summary;
    const bool any = summary.count > 0;
    switch (column) {
    case title:
        return coreText(figure.figure->title);
    case runs:
        return utf8(grouped(static_cast<std::int64_t>(summary.count)));
    case median:
        return any ? utf8(error_size_text(*figure.figure, summary.median)) : u"—"_s;
    case nineOfTen:
        return any ? utf8(error_size_text(*figure.figure, summary.nine_of_ten)) : u"—"_s;
    case verdict:
        return barVerdict(figure);
    default:
        return {};
    }
}

QVariant FiguresModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const FigureAccuracy& figure = accuracy_->sets.at(set_).figures[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return text(figure, index.column());
    case Qt::ToolTipRole:
        return figureSentence(figure);
    case Qt::TextAlignmentRole:
        return headerData(index.column(), Qt::Horizontal, role);
    case toneRole:
        if (index.column() == verdict && figure.summary.count > 0)
            return static_cast<int>(figure.met() ? AccuracyTone::good : AccuracyTone::bad);
        return static_cast<int>(figure.summary.count == 0 ? AccuracyTone::muted : AccuracyTone::plain);
    default:
        return {};
    }
}

QVariant FiguresModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole) {
        const bool figure = section == runs || section == median || section == nineOfTen;
        return static_cast<int>((figure ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case title:
        return tr("Figure");
    case runs:
        return tr("Runs");
    case median:
        return tr("Half within");
    case nineOfTen:
        return tr("9 of 10 within");
    case verdict:
        return tr("Bar");
    default:
        return {};
    }
}

} // namespace weighbridge
