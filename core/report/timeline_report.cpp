#include "core/report/summary.h"
#include "core/report/training_report.h"

namespace weighbridge {

namespace {

/// Kinds that some point has bytes of.
std::vector<TimelineKindRow> kinds_in(const std::vector<const TimelinePoint*>& points)
{
    std::vector<TimelineKindRow> list;
    for (const TimelineKindRow& row : timeline_kinds())
        for (const TimelinePoint* point : points)
            if (point->bytes[static_cast<std::size_t>(row.kind)].count > 0) {
                list.push_back(row);
                break;
            }
    return list;
}

} // namespace

Table timeline_table(const Timeline& timeline)
{
    Table table{.id = "timeline",
                .columns = {{"moment", "", ColumnKind::text, For::programs},
                            {"stage", "", ColumnKind::number, For::programs},
                            {"layer", "", ColumnKind::number, For::programs},
                            {"operation", "", ColumnKind::text, For::programs},
                            {"label", "", ColumnKind::text, For::programs},
                            {"micro_batches_beside", "", ColumnKind::number, For::programs}}};
    for (const TimelineKindRow& kind : timeline_kinds())
        table.columns.push_back({"bytes." + std::string(kind.id), "", ColumnKind::number, For::programs});
    table.columns.push_back({"total_bytes", "", ColumnKind::number, For::programs});
    table.columns.push_back({"peak", "", ColumnKind::yes_no, For::programs});
    for (const TimelinePoint& point : timeline.points) {
        Row row{{text_cell(point.moment), count_cell(point.stage),
                 point.layer ? count_cell(*point.layer) : unknown_cell(), text_cell(point.operation),
                 text_cell(point.label), number_cell(point.others)}};
        for (const Bytes& bytes : point.bytes)
            row.cells.push_back(count_cell(bytes.count));
        row.cells.push_back(count_cell(point.total.count));
        row.cells.push_back(flag_cell(point.peak));
        table.rows.push_back(std::move(row));
    }
    return table;
}

Table timeline_lines(const Timeline& timeline)
{
    const std::vector<const TimelinePoint*> points = timeline.of_stage(timeline.fullest);
    const std::vector<TimelineKindRow> kinds = kinds_in(points);
    Table table{.id = "timeline", .columns = {{.heading = "Step, GiB", .who = For::people, .elastic = true}}};
    for (const TimelineKindRow& kind : kinds)
        table.columns.push_back({.heading = std::string(kind.label),
                                 .kind = ColumnKind::number,
                                 .who = For::people,
                                 .narrow = std::string(kind.narrow)});
    table.columns.push_back({"", "Total", ColumnKind::number, For::people});
    for (const TimelinePoint* point : points) {
        Row row{{text_cell(point->label + (point->peak ? " (peak)" : ""))},
                0,
                point->peak ? Emphasis::strong : Emphasis::plain};
        for (const TimelineKindRow& kind : kinds) {
            const Bytes bytes = point->bytes[static_cast<std::size_t>(kind.kind)];
            row.cells.push_back(bytes.count == 0 ? Cell{} : count_cell(bytes.count, gib_text(bytes)));
        }
        row.cells.push_back(count_cell(point->total.count, gib_text(point->total)));
        table.rows.push_back(std::move(row));
    }
    return table;
}

} // namespace weighbridge
