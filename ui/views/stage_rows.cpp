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

std::vector<Column> columnsOf(const TrainingMemory& memory, ByteUnit unit)
{
    constexpr ColumnKind number = ColumnKind::number;
    std::vector<Column> columns = {
        shownColumn(StageRows::tr("Stage")), shownColumn(StageRows::tr("Layers"), number, {}, 1),
        shownColumn(StageRows::tr("Parameters"), number, StageRows::tr("Of one GPU"), 1),
        shownColumn(StageRows::tr("In flight"), number, StageRows::tr("Micro batches whose activations it holds"), 2)};
    for (const Moment& moment : memory.stage().moments)
        columns.push_back(shownColumn(coreText(moment.label), number, coreText(moment.why), 3));
    columns.push_back(shownColumn(StageRows::tr("Peak, %1").arg(utf8(unit_name(unit))), number,
                                  StageRows::tr("Allocated on one GPU at its largest moment")));
    columns.push_back(shownColumn(StageRows::tr("Peaks at"), ColumnKind::text, {}, 2));
    return columns;
}

Cell amount(Bytes bytes, ByteUnit unit)
{
    return shownCell(utf8(in_unit_bare(bytes, unit)), bytes.count, inBothUnits(bytes, unit));
}

} // namespace

Table stageRows(const TrainingMemory& memory, ByteUnit unit)
{
    Table rows;
    rows.columns = columnsOf(memory, unit);
    rows.rows.reserve(memory.stages.size());
    for (const TrainingStage& stage : memory.stages) {
        const bool fullest = &stage == &memory.stage();
        const QString number = utf8(grouped(stage.stage));
        const std::int64_t parameters = std::llround(stage.parameters);
        Row row{{shownCell(fullest ? StageRows::tr("%1, fullest").arg(number) : number, stage.stage),
                 count_cell(stage.layers, grouped(stage.layers)),
                 shownCell(utf8(parameters_text(parameters)), stage.parameters, utf8(grouped(parameters))),
                 number_cell(stage.in_flight, decimal_text(stage.in_flight, 2))},
                0,
                fullest ? Emphasis::strong : Emphasis::plain};
        for (const Moment& moment : stage.moments)
            row.cells.push_back(amount(moment.total, unit));
        row.cells.push_back(amount(stage.peak_moment().total, unit));
        row.cells.push_back(text_cell(stage.peak_moment().label));
        rows.rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace weighbridge
