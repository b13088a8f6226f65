#include "core/report/levers_report.h"

#include "core/fields/fields.h"
#include "core/fields/scenario_json.h"
#include "core/quantity/display.h"
#include "core/report/scenario_value.h"
#include "core/report/summary.h"
#include "core/report/table_writers.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace weighbridge {

namespace {

using nlohmann::ordered_json;

std::string set_text(const Lever& lever)
{
    std::string text;
    for (const std::string& key : lever.keys)
        text += (text.empty() ? "" : " ") + key + "=" + field_text(lever.scenario, *field_named(key));
    return text;
}

/// "27 requests more", "4,096 tokens longer".
std::string gain_text(const Lever& lever)
{
    if (lever.more_sequences > 0)
        return "+" + grouped(lever.more_sequences) + " requests";
    return lever.more_tokens > 0 ? "+" + grouped(lever.more_tokens) + " tokens" : std::string("–");
}

std::string cost_words(const Lever& lever)
{
    if (lever.cost == LeverCost::nothing && !lever.cost_text.empty())
        return lever.cost_text;
    std::string name(cost_name(lever.cost));
    std::replace(name.begin(), name.end(), '_', ' ');
    return lever.cost_text.empty() ? name : name + ": " + lever.cost_text;
}

} // namespace

Table levers_table(const Levers& levers)
{
    Table table{.id = "levers",
                .columns = {{"id", "", ColumnKind::text, For::programs, "lever"},
                            {"label", "Lever"},
                            {"set", "", ColumnKind::text, For::csv},
                            {"saved_bytes", "Saves, GiB", ColumnKind::number},
                            {"total_bytes", "Then, GiB", ColumnKind::number},
                            {"state", "", ColumnKind::text, For::programs},
                            {"verdict", "", ColumnKind::text, For::programs},
                            {"", "Verdict", ColumnKind::text, For::people},
                            {"makes_it_fit", "", ColumnKind::yes_no, For::programs},
                            {"more_sequences", "", ColumnKind::number, For::csv},
                            {"more_tokens", "", ColumnKind::number, For::csv},
                            {"", "Room", ColumnKind::text, For::people},
                            {"cost", "", ColumnKind::text, For::programs},
                            {"cost_text", "", ColumnKind::text, For::programs},
                            {.id = "", .heading = "Costs", .who = For::people, .below = true},
                            {"host_bytes", "", ColumnKind::number, For::programs}}};
    for (const Lever& lever : levers.list) {
        table.rows.push_back(
            {{text_cell(lever.id), text_cell(lever.label, set_text(lever)), text_cell(set_text(lever)),
              count_cell(lever.saved.count, gib_text(lever.saved)),
              count_cell(lever.total.count, gib_text(lever.total)), text_cell(state_name(lever.verdict)),
              text_or_unknown(verdict_name(lever.verdict)),
              text_cell(lever.makes_it_fit || does_fit(lever.verdict) ? verdict_words(lever.verdict) : "not enough"),
              flag_cell(lever.makes_it_fit), count_cell(lever.more_sequences), count_cell(lever.more_tokens),
              text_cell(gain_text(lever)), text_cell(cost_name(lever.cost)), text_cell(lever.cost_text),
              text_cell(cost_words(lever)), count_cell(lever.host.count)}});
    }
    return table;
}

std::string levers_line(const Levers& levers, bool fits)
{
    if (levers.list.empty())
        return "Nothing that is known here would free memory";
    if (fits)
        return "What would free memory";
    return levers.list.front().makes_it_fit ? "What would make it fit" : "Nothing here would make it fit alone";
}

ordered_json levers_json(const Levers& levers)
{
    ordered_json json = table_json(levers_table(levers));
    for (std::size_t i = 0; i < levers.list.size(); ++i) {
        const Lever& lever = levers.list[i];
        const ordered_json scenario = write_scenario(lever.scenario);
        ordered_json set = ordered_json::object();
        for (const std::string& key : lever.keys)
            set[key] = value_at(scenario, key);
        ordered_json gains = ordered_json::object();
        if (lever.more_sequences > 0)
            gains["capacity.max_concurrent_sequences"] = lever.more_sequences;
        if (lever.more_tokens > 0)
            gains["capacity.max_sequence_length"] = lever.more_tokens;
        json[i]["set"] = std::move(set);
        json[i]["gains"] = std::move(gains);
        json[i]["pair"] = lever.pair.empty() ? ordered_json() : ordered_json(lever.pair);
    }
    return json;
}

} // namespace weighbridge
