#include "ui/views/stored_rows.h"

#include "core/sources/stored_comparison.h"
#include "ui/theme/text.h"

#include <QCoreApplication>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(weighbridge::StoredRows)
};

FigureList::Row rowOf(const QString& name, const StoredComparison& held, const QString& detail, ByteUnit unit)
{
    const QString rule = coreText(held.rule);
    return {name, utf8(in_fitting_unit(held.bytes, unit)), rule.isEmpty() ? detail : detail % u"; "_s % rule, false};
}

} // namespace

std::vector<FigureList::Row> storedRows(const ViewState& state)
{
    std::vector<FigureList::Row> rows;
    const Model& model = *state.estimate->model;
    const QString summary = coreText(stored_summary(model));
    if (summary.isEmpty())
        return rows;
    const StoredWeights& stored = *model.published->stored;
    for (const StoredComparison& part : stored_by_part(model))
        rows.push_back(rowOf(partName(part.part), part, utf8(part.types), state.unit));
    for (const StoredComparison& type : stored_by_type(model))
        rows.push_back(
            rowOf(utf8(type.types), type,
                  Text::tr("%1 elements in %2 tensors").arg(utf8(grouped(type.elements)), utf8(grouped(type.tensors))),
                  state.unit));
    rows.push_back({Text::tr("Total"), utf8(in_fitting_unit(Bytes{stored.bytes}, state.unit)), summary, true});
    if (stored.left_out_bytes > 0)
        rows.push_back({Text::tr("In the file, but not loaded"),
                        utf8(in_fitting_unit(Bytes{stored.left_out_bytes}, state.unit)),
                        {},
                        false});
    return rows;
}

} // namespace weighbridge
