#include "core/report/hardware_tables.h"

#include "core/answers/configurations.h"
#include "core/hardware/data_sheet.h"
#include "core/hardware/system.h"
#include "core/quantity/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {

namespace {

constexpr std::string_view no_source_seen = "From memory: no source of this figure was seen";

/// As many decimals as the figure has, up to two: "989.4", "3,350", "0.56".
std::string figure_text(double value)
{
    const bool whole = std::abs(value - std::round(value)) < 0.005;
    const bool tenths = std::abs(value * 10 - std::round(value * 10)) < 0.05;
    return decimal_text(value, whole ? 0 : tenths ? 1 : 2);
}

Cell figure_cell(std::optional<double> value, bool unverified = false)
{
    if (!value)
        return empty_cell();
    Cell cell = number_cell(*value, figure_text(*value) + (unverified ? " ?" : ""));
    cell.remark = unverified ? no_source_seen : "";
    return cell;
}

Cell name_cell(const std::string& text, std::string remark)
{
    return text.empty() ? empty_cell(std::move(remark)) : text_cell(text, std::move(remark));
}

Cell year_cell(int year)
{
    return year == 0 ? empty_cell() : count_cell(year, std::to_string(year));
}

/// What a driver reports, or what is made of the size as sold.
Cell capacity_cell(const Accelerator& accelerator, ByteUnit unit)
{
    const std::string text = in_unit_bare(accelerator.capacity, unit);
    if (accelerator.capacity_from_driver)
        return count_cell(accelerator.capacity.count, text);
    return {"~" + text, accelerator.capacity.count, "No driver's figure was seen: made of the size as sold"};
}

Bytes usable_of(const Accelerator& accelerator)
{
    return {std::llround(static_cast<double>(accelerator.capacity.count) * default_usable_fraction(accelerator))};
}

Cell usable_cell(const Accelerator& accelerator, ByteUnit unit)
{
    const Bytes usable = usable_of(accelerator);
    const double share = default_usable_fraction(accelerator);
    std::string remark;
    if (share < 1)
        remark = percent_text(share) + " by default: the memory is shared with the CPU";
    return {in_unit_bare(usable, unit), usable.count, std::move(remark)};
}

Cell bandwidth_cell(const DataSheet& sheet)
{
    if (!(sheet.accelerator.bandwidth_gbs > 0))
        return empty_cell();
    return figure_cell(sheet.accelerator.bandwidth_gbs, sheet.is_unverified("memory_bandwidth_gbs"));
}

std::vector<Cell> peak_cells(const DataSheet& sheet)
{
    struct Peak
    {
        const std::optional<double> DensePeaks::*figure;
        std::string_view key;
    };
    static constexpr std::array<Peak, 7> peaks = {{{&DensePeaks::fp32, "dense_tflops.fp32"},
                                                   {&DensePeaks::bf16, "dense_tflops.bf16"},
                                                   {&DensePeaks::fp16, "dense_tflops.fp16"},
                                                   {&DensePeaks::fp8, "dense_tflops.fp8"},
                                                   {&DensePeaks::int8, "dense_tflops.int8"},
                                                   {&DensePeaks::fp4, "dense_tflops.fp4"},
                                                   {&DensePeaks::int4, "dense_tflops.int4"}}};
    std::vector<Cell> cells;
    cells.reserve(peaks.size());
    for (const Peak& peak : peaks)
        cells.push_back(figure_cell(sheet.accelerator.tflops.*peak.figure, sheet.is_unverified(peak.key)));
    return cells;
}

std::vector<Cell> accelerator_row(const DataSheet& sheet, ByteUnit unit)
{
    const Accelerator& accelerator = sheet.accelerator;
    std::vector<Cell> row = {
        text_cell(accelerator.name, accelerator.note),
        name_cell(sheet.architecture, {}),
        year_cell(sheet.launch_year),
        figure_cell(sheet.sold_gb()),
        capacity_cell(accelerator, unit),
        usable_cell(accelerator, unit),
        name_cell(sheet.memory_type, {}),
        bandwidth_cell(sheet),
    };
    const std::vector<Cell> peaks = peak_cells(sheet);
    row.insert(row.end(), peaks.begin(), peaks.end());
    row.push_back(name_cell(sheet.links, {}));
    row.push_back(figure_cell(sheet.link_gbs, sheet.is_unverified("scale_up_gbs_bidirectional")));
    row.push_back(name_cell(sheet.host_link, {}));
    row.push_back(figure_cell(sheet.watts, sheet.is_unverified("tdp_w")));
    row.push_back(text_cell(accelerator.id));
    row.push_back(text_cell(joined(accelerator.sources, "; "), joined(accelerator.sources, "\n")));
    return row;
}

std::vector<Cell> system_row(const Configuration& configuration, const System& system, ByteUnit unit)
{
    const Accelerator& accelerator = configuration.accelerator;
    const double usable = static_cast<double>(usable_of(accelerator).count) * static_cast<double>(configuration.gpus);
    return {text_cell(system.name, system.note),
            text_cell(system.kind),
            text_cell(accelerator.name),
            count_cell(configuration.gpus, grouped(configuration.gpus)),
            figure_cell(system.marketed_gb),
            number_cell(usable, in_unit_bare({std::llround(usable)}, unit, 0)),
            name_cell(system.interconnect, {}),
            system.scale_up > 0 ? count_cell(system.scale_up, grouped(system.scale_up)) : empty_cell(),
            text_cell(system.confidence),
            text_cell(system.id),
            text_cell(joined(system.sources, "; "), joined(system.sources, "\n"))};
}

} // namespace

Table accelerators_table(ByteUnit unit)
{
    const std::string in = ", " + unit_name(unit);
    Table table;
    table.id = "accelerators";
    table.title = "Accelerators";
    table.note = "Of one device as software sees it; peaks are dense, in TFLOP/s (TOP/s for integers), 16-bit and FP8 "
                 "with FP32 accumulation; links are both directions together, links and power of the whole package. "
                 "~: no driver's figure was seen; ?: from memory, no source seen";
    table.columns = {{"name", "Accelerator"},
                     {"architecture", "Architecture"},
                     {"year", "Year", ColumnKind::number},
                     {"sold_gb", "Sold, GB", ColumnKind::number},
                     {"capacity_bytes", "Reported" + in, ColumnKind::number},
                     {"usable_bytes", "Usable" + in, ColumnKind::number},
                     {"memory_type", "Memory"},
                     {"bandwidth_gbs", "GB/s", ColumnKind::number},
                     {"fp32_tflops", "FP32", ColumnKind::number},
                     {"bf16_tflops", "BF16", ColumnKind::number},
                     {"fp16_tflops", "FP16", ColumnKind::number},
                     {"fp8_tflops", "FP8", ColumnKind::number},
                     {"int8_tops", "INT8", ColumnKind::number},
                     {"fp4_tflops", "FP4", ColumnKind::number},
                     {"int4_tops", "INT4", ColumnKind::number},
                     {"links", "Links"},
                     {"link_gbs", "Links, GB/s", ColumnKind::number},
                     {"host_link", "Host"},
                     {"watts", "Power, W", ColumnKind::number},
                     {"accelerator", "Id"},
                     {"source", "Source"}};
    for (const DataSheet& sheet : data_sheets())
        table.rows.push_back({accelerator_row(sheet, unit)});
    return table;
}

Table systems_table(ByteUnit unit)
{
    Table table;
    table.id = "systems";
    table.title = "Servers, racks and cloud instances";
    table.note = "GPUs are devices as software sees them; the fast links join so many packages";
    table.columns = {{"name", "System"},
                     {"kind", "Kind"},
                     {"accelerator_name", "Accelerator"},
                     {"gpus", "GPUs", ColumnKind::number},
                     {"sold_gb", "Sold, GB", ColumnKind::number},
                     {"usable_bytes", "Usable, " + unit_name(unit), ColumnKind::number},
                     {"links", "Links"},
                     {"scale_up", "Joined", ColumnKind::number},
                     {"confidence", "Confidence"},
                     {"system", "Id"},
                     {"source", "Source"}};
    const ConfigurationsPointer configurations = standard_configurations();
    for (const System& system : bundled_systems()) {
        const auto found = std::find_if(configurations->begin(), configurations->end(),
                                        [&](const Configuration& other) { return other.id == system.id; });
        if (found != configurations->end())
            table.rows.push_back({system_row(*found, system, unit)});
    }
    return table;
}

} // namespace weighbridge
