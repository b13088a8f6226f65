#include "ui/views/stage_rows.h"

#include "ui/theme/text.h"

#include <QCoreApplication>

#include <cmath>

namespace weighbridge {

namespace {

struct StageRows
{
    Q_DECLARE_TR_FUNCTIONS(StageRows)
};

std::vector<RowsColumn> columnsOf(const TrainingMemory& memory, ByteUnit unit)
{
    std::vector<RowsColumn> columns = {
        {StageRows::tr("Stage"), false, {}},
        {StageRows::tr("Layers"), true, {}, 1},
        {StageRows::tr("Parameters"), true, StageRows::tr("Of one GPU"), 1},
        {StageRows::tr("In flight"), true, StageRows::tr("Micro batches whose activations it holds"), 2}};
    for (const Moment& moment : memory.stage().moments)
        columns.push_back({coreText(moment.label), true, coreText(moment.why), 3});
    columns.push_back({StageRows::tr("Peak, %1").arg(utf8(unit_name(unit))), true,
                       StageRows::tr("Allocated on one GPU at its largest moment")});
    columns.push_back({StageRows::tr("Peaks at"), false, {}, 2});
    return columns;
}

RowCell amount(Bytes bytes, ByteUnit unit)
{
    return {utf8(in_unit_bare(bytes, unit)), static_cast<double>(bytes.count), inBothUnits(bytes, unit)};
}

} // namespace

Rows stageRows(const TrainingMemory& memory, ByteUnit unit)
{
    Rows rows;
    rows.columns = columnsOf(memory, unit);
    rows.rows.reserve(memory.stages.size());
    for (const TrainingStage& stage : memory.stages) {
        const bool fullest = &stage == &memory.stage();
        const QString number = utf8(grouped(stage.stage));
        const std::int64_t parameters = std::llround(stage.parameters);
        Rows::Row row;
        row.strong = fullest;
        row.cells = {
            {fullest ? StageRows::tr("%1, fullest").arg(number) : number, static_cast<double>(stage.stage), {}},
            {utf8(grouped(stage.layers)), static_cast<double>(stage.layers), {}},
            {utf8(parameters_text(parameters)), stage.parameters, utf8(grouped(parameters))},
            {utf8(decimal_text(stage.in_flight, 2)), stage.in_flight, {}}};
        for (const Moment& moment : stage.moments)
            row.cells.push_back(amount(moment.total, unit));
        row.cells.push_back(amount(stage.peak_moment().total, unit));
        row.cells.push_back({coreText(stage.peak_moment().label), {}, {}});
        rows.rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace weighbridge
