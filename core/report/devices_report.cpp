#include "core/report/devices_report.h"

#include "core/report/estimate_tables.h"
#include "core/report/summary.h"
#include "core/report/table_writers.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace weighbridge {

namespace {

using nlohmann::ordered_json;

Cell verdict_cell(std::string_view name)
{
    return name.empty() ? unknown_cell() : text_cell(name);
}

Cell gib_cell(std::int64_t bytes, ByteUnit unit)
{
    return count_cell(bytes, in_unit_bare({bytes}, unit));
}

/// "0", "1, and 2 more".
std::string numbers_text(const DeviceShare& share)
{
    return grouped(share.index) + (share.count == 1 ? "" : ", and " + grouped(share.count - 1) + " more");
}

std::vector<Cell> rank_cells(const std::optional<RankNumber>& rank)
{
    if (!rank)
        return {unknown_cell(), {}, {}, {}};
    return {{}, count_cell(rank->tensor), count_cell(rank->pipeline), count_cell(rank->data)};
}

Row device_row(const DeviceShare& share, ByteUnit unit)
{
    const Fit& fit = share.fit;
    std::vector<Cell> cells = {count_cell(share.index),         count_cell(share.count),
                               text_cell(numbers_text(share)),  text_cell(fit.accelerator.id),
                               text_cell(fit.accelerator.name), text_cell(fit.accelerator.card_name())};
    for (Cell& cell : rank_cells(share.rank))
        cells.push_back(std::move(cell));
    cells.push_back(share.layers ? count_cell(*share.layers, grouped(*share.layers)) : unknown_cell());
    cells.push_back(gib_cell(fit.needed.count, unit));
    cells.push_back(count_cell(share.low.count));
    cells.push_back(count_cell(fit.high.count));
    cells.push_back(gib_cell(fit.usable.count, unit));
    cells.push_back(gib_cell(fit.free_bytes, unit));
    cells.push_back(text_cell(state_name(fit.verdict)));
    cells.push_back(verdict_cell(verdict_name(fit.verdict)));
    cells.push_back(text_cell(verdict_words(fit.verdict)));
    return {std::move(cells)};
}

Row host_row(const HostShare& host, const HostChoice& known, ByteUnit unit)
{
    const std::string name = known.name.empty() ? "Host" : "Host: " + known.name;
    std::vector<Cell> cells = {{}, {}, text_cell("host"), {}, text_cell(name), text_cell(name), {}, {}, {}, {}, {}};
    cells.push_back(gib_cell(host.total.count, unit));
    cells.push_back(count_cell(host.low.count));
    cells.push_back(count_cell(host.high.count));
    const std::string none = "—";
    cells.push_back(host.usable ? gib_cell(host.usable->count, unit) : unknown_cell(none));
    cells.push_back(host.usable ? gib_cell(host.usable->count - host.total.count, unit) : unknown_cell(none));
    cells.push_back(host.usable ? text_cell(state_name(host.verdict)) : unknown_cell());
    cells.push_back(host.usable ? verdict_cell(verdict_name(host.verdict)) : unknown_cell());
    cells.push_back(text_cell(host.usable ? verdict_words(host.verdict) : "its memory is not known"));
    return {std::move(cells)};
}

/// Of the columns: what comes before says which device it is.
constexpr std::ptrdiff_t first_of_memory = 11;

std::vector<Column> columns(const std::string& unit)
{
    return {{"index", "", ColumnKind::number, For::programs},
            {"count", "", ColumnKind::number, For::programs},
            {.heading = "Devices", .who = For::people, .whole = true},
            {"accelerator", "", ColumnKind::text, For::programs},
            {"name", "", ColumnKind::text, For::programs},
            {"", "What they are", ColumnKind::text, For::people, "", "", true},
            {"rank", "", ColumnKind::number, For::json},
            {"rank.tensor", "", ColumnKind::number, For::programs},
            {"rank.pipeline", "", ColumnKind::number, For::programs},
            {"rank.data", "", ColumnKind::number, For::programs},
            {"layers", "Layers", ColumnKind::number},
            {"needed_bytes", "Needed, " + unit, ColumnKind::number, For::all, "", "Needed"},
            {"low_bytes", "", ColumnKind::number, For::programs},
            {"high_bytes", "", ColumnKind::number, For::programs},
            {"usable_bytes", "Usable, " + unit, ColumnKind::number, For::all, "", "Usable"},
            {"free_bytes", "Free, " + unit, ColumnKind::number, For::all, "", "Free"},
            {"state", "", ColumnKind::text, For::programs},
            {"verdict", "", ColumnKind::text, For::programs},
            {.heading = "Verdict", .who = For::people, .whole = true}};
}

ordered_json prints_json(const std::vector<EnginePrint>& prints)
{
    ordered_json json = ordered_json::object();
    for (const EnginePrint& print : prints)
        json[std::string(print.id)] =
            print.text.empty() ? value_json(number_cell(print.value).value) : ordered_json(print.text);
    return json;
}

} // namespace

Table devices_table(const Estimate& estimate, ByteUnit unit)
{
    Table table{.id = "devices", .columns = columns(unit_name(unit))};
    for (const DeviceShare& share : estimate.devices)
        table.rows.push_back(device_row(share, unit));
    if (estimate.host)
        table.rows.push_back(host_row(*estimate.host, estimate.scenario.hardware.host, unit));
    return table;
}

bool tells_devices(const Estimate& estimate)
{
    return estimate.devices.size() > 1 || estimate.host;
}

nlohmann::ordered_json devices_json(const Estimate& estimate)
{
    ordered_json list = ordered_json::array();
    for (const DeviceShare& share : estimate.devices) {
        Table one{.id = "devices", .columns = columns("GiB"), .rows = {device_row(share, ByteUnit::gib)}};
        ordered_json object = row_json(one);
        object["terms"] = table_json(terms_table(share.terms, share.total));
        object["engine_prints"] = prints_json(share.prints);
        list.push_back(std::move(object));
    }
    return list;
}

nlohmann::ordered_json host_json(const Estimate& estimate)
{
    if (!estimate.host)
        return nullptr;
    const HostShare& host = *estimate.host;
    Table one{.id = "host",
              .columns = columns("GiB"),
              .rows = {host_row(host, estimate.scenario.hardware.host, ByteUnit::gib)}};
    one.columns.erase(one.columns.begin(), one.columns.begin() + first_of_memory);
    one.rows.front().cells.erase(one.rows.front().cells.begin(), one.rows.front().cells.begin() + first_of_memory);
    ordered_json object = row_json(one);
    object["terms"] = table_json(terms_table(host.terms, host.total));
    return object;
}

std::string decided_by_text(const Estimate& estimate)
{
    if (estimate.fit.decided_by == "host")
        return "the host";
    if (!estimate.fit.decided_by_device)
        return {};
    for (const DeviceShare& share : estimate.devices)
        if (share.index == *estimate.fit.decided_by_device)
            return "GPU " + grouped(share.index) + ", " + share.fit.accelerator.card_name();
    return {};
}

} // namespace weighbridge
