#include "core/report/answers_report.h"

#include "core/quantity/display.h"
#include "core/report/summary.h"
#include "core/report/table_writers.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace weighbridge {

namespace {

using nlohmann::ordered_json;

std::string used_text(const Recommendation& row, const Configuration& configuration)
{
    return row.gpus_used == configuration.gpus ? grouped(configuration.gpus)
                                               : grouped(row.gpus_used) + " of " + grouped(configuration.gpus);
}

/// Engines' remarks, each once, as lines with a number that the table refers to.
std::string remark_mark(std::vector<std::string>& remarks, const std::string& remark)
{
    if (remark.empty())
        return {};
    const auto found = std::find(remarks.begin(), remarks.end(), remark);
    const auto index = found - remarks.begin();
    if (found == remarks.end())
        remarks.push_back(remark);
    return "(" + std::to_string(index + 1) + ")";
}

/// The points of a curve, at tokens or sequences.
Table curve_table(std::string_view id, const std::vector<ServingPoint>& curve, const char* at)
{
    Table table{
        .id = id,
        .columns = {{at, "", ColumnKind::number, For::programs}, {"bytes", "", ColumnKind::number, For::programs}}};
    for (const ServingPoint& point : curve)
        table.rows.push_back({{count_cell(point.at), count_cell(std::llround(point.bytes))}});
    return table;
}

Table capacity_lines_table(const std::vector<CapacityLine>& lines)
{
    Table table{.id = "capacity_lines",
                .columns = {{"accelerator", "", ColumnKind::text, For::programs, "capacity_line"},
                            {"name", "", ColumnKind::text, For::programs},
                            {"usable_bytes", "", ColumnKind::number, For::programs},
                            {"chosen", "", ColumnKind::number, For::programs}}};
    for (const CapacityLine& line : lines)
        table.rows.push_back({{text_cell(line.accelerator), text_cell(line.name), count_cell(line.usable.count),
                               flag_cell(line.chosen)}});
    return table;
}

/// What is only known where there is a layout.
Cell laid_out(const Recommendation& row, Cell cell)
{
    if (!row.refusal.empty())
        cell.value = nullptr;
    return cell;
}

} // namespace

std::string layout_text(const Recommendation& row)
{
    if (row.gpus_used == 0)
        return "—";
    const std::array<std::pair<std::string_view, std::int64_t>, 4> parts = {{{"TP", row.tensor_parallel},
                                                                             {"PP", row.pipeline_parallel},
                                                                             {"CP", row.context_parallel},
                                                                             {"DP", row.data_parallel}}};
    std::string text;
    for (const auto& [name, ranks] : parts)
        if (ranks > 1)
            text += (text.empty() ? "" : " × ") + std::string(name) + " " + grouped(ranks);
    if (!text.empty())
        return text;
    return row.gpus_used == 1 ? "1 GPU" : "as one";
}

std::string recommendation_line(const Recommendations& recommendations)
{
    std::string among = grouped(static_cast<std::int64_t>(recommendations.rows.size())) + " configurations";
    if (recommendations.usable_share)
        among += " at " + percent_text(*recommendations.usable_share) + " usable";
    const Recommendation* row = recommendations.smallest();
    if (row == nullptr)
        return "None of " + among + " holds it";
    const Configuration& configuration = recommendations.configuration(*row);
    return "Smallest of " + among + ": " + configuration.name + " (" + layout_text(*row) + "), " +
           in_unit(row->needed, ByteUnit::gib) + " of " + in_unit(configuration.accelerator.capacity, ByteUnit::gib) +
           " per GPU, " + percent_text(row->fraction) + " used";
}

Table recommendation_table(const Recommendations& recommendations, Listed which)
{
    Table table{.id = "configurations",
                .columns = {{"configuration", "", ColumnKind::text, For::programs},
                            {"name", "Configuration"},
                            {"", "GPUs", ColumnKind::number, For::people},
                            {"", "Layout", ColumnKind::number, For::people},
                            {"", "GiB per GPU", ColumnKind::number, For::people},
                            {"kind", "", ColumnKind::text, For::programs},
                            {"in_appendix", "", ColumnKind::number, For::programs},
                            {"accelerator", "", ColumnKind::text, For::programs},
                            {"gpus", "", ColumnKind::number, For::programs},
                            {"capacity_bytes", "of GiB", ColumnKind::number},
                            {"tensor_parallel", "", ColumnKind::number, For::programs},
                            {"pipeline_parallel", "", ColumnKind::number, For::programs},
                            {"context_parallel", "", ColumnKind::number, For::programs},
                            {"data_parallel", "", ColumnKind::number, For::programs},
                            {"gpus_used", "", ColumnKind::number, For::programs},
                            {"needed_bytes", "", ColumnKind::number, For::programs},
                            {"usable_bytes", "", ColumnKind::number, For::programs},
                            {"fraction", "Used", ColumnKind::number},
                            {"fits", "", ColumnKind::number, For::programs},
                            {"refusal", "", ColumnKind::text, For::programs}}};
    for (const Recommendation& row : recommendations.rows) {
        if (which == Listed::fitting && !row.fits)
            continue;
        const Configuration& configuration = recommendations.configuration(row);
        const Bytes capacity = configuration.accelerator.capacity;
        table.rows.push_back({{text_cell(configuration.id),
                               text_cell(configuration.name),
                               text_cell(used_text(row, configuration)),
                               text_cell(layout_text(row)),
                               text_cell(gib_text(row.needed)),
                               text_cell(configuration.kind),
                               flag_cell(configuration.in_appendix),
                               text_cell(configuration.accelerator.id),
                               count_cell(configuration.gpus),
                               count_cell(capacity.count, gib_text(capacity)),
                               count_cell(row.tensor_parallel),
                               count_cell(row.pipeline_parallel),
                               count_cell(row.context_parallel),
                               count_cell(row.data_parallel),
                               count_cell(row.gpus_used),
                               laid_out(row, count_cell(row.needed.count)),
                               laid_out(row, count_cell(row.usable.count)),
                               laid_out(row, real_cell(row.fraction, percent_text(row.fraction))),
                               flag_cell(row.fits),
                               text_cell(row.refusal)}});
    }
    return table;
}

ordered_json recommendations_json(const Recommendations& recommendations)
{
    const Recommendation* smallest = recommendations.smallest();
    ordered_json json;
    json["usable_share"] = recommendations.usable_share ? ordered_json(*recommendations.usable_share) : ordered_json();
    json["smallest"] = smallest != nullptr ? ordered_json(recommendations.configuration(*smallest).id) : ordered_json();
    json["configurations"] = table_json(recommendation_table(recommendations));
    return json;
}

std::string searched_text(std::int64_t found, std::int64_t most)
{
    if (found == 0)
        return "none";
    return (found >= most ? "at least " : "") + grouped(found);
}

Table serving_lengths_table(const ServingCapacity& serving)
{
    Table table{.id = "by_length",
                .columns = {{"sequence_length", "Tokens per request", ColumnKind::text, For::people},
                            {"sequence_length", "", ColumnKind::number, For::programs, "serving_length"},
                            {"max_concurrent_sequences", "Concurrent requests", ColumnKind::number},
                            {"cache_bytes_per_sequence", "Cache of one, GiB", ColumnKind::number},
                            {"remark", "", ColumnKind::text, For::programs},
                            {"", "", ColumnKind::number, For::people}}};
    for (const LengthRow& row : serving.by_length)
        table.rows.push_back(
            {{text_cell(grouped(row.tokens)), count_cell(row.tokens),
              count_cell(row.max_concurrent_sequences, searched_text(row.max_concurrent_sequences, most_sequences)),
              count_cell(row.one_sequence.count, gib_text(row.one_sequence)), text_cell(row.remark),
              text_cell(remark_mark(table.notes, row.remark))}});
    return table;
}

Table serving_concurrencies_table(const ServingCapacity& serving)
{
    Table table{.id = "by_concurrency",
                .columns = {{"concurrent_sequences", "Concurrent requests", ColumnKind::text, For::people},
                            {"concurrent_sequences", "", ColumnKind::number, For::programs, "serving_concurrency"},
                            {"max_sequence_length", "Longest context, tokens", ColumnKind::number},
                            {"remark", "", ColumnKind::text, For::programs},
                            {"", "", ColumnKind::number, For::people}}};
    for (const ConcurrencyRow& row : serving.by_concurrency)
        table.rows.push_back({{text_cell(grouped(row.sequences)), count_cell(row.sequences),
                               count_cell(row.max_sequence_length, searched_text(row.max_sequence_length, most_tokens)),
                               text_cell(row.remark), text_cell(remark_mark(table.notes, row.remark))}});
    return table;
}

std::vector<Table> serving_tables(const ServingCapacity& serving)
{
    return {serving_lengths_table(serving), serving_concurrencies_table(serving),
            curve_table("over_context", serving.over_context, "sequence_length"),
            curve_table("over_concurrency", serving.over_concurrency, "concurrent_sequences"),
            capacity_lines_table(serving.lines)};
}

ordered_json serving_json(const ServingCapacity& serving)
{
    ordered_json json;
    json["kv_tokens"] = serving.cache.kv_tokens;
    json["kv_tokens_all"] = serving.cache.kv_tokens_all;
    for (const Table& table : serving_tables(serving))
        json[std::string(table.id)] = table_json(table);
    return json;
}

Table savings_table(const Savings& savings)
{
    Table table{.id = "savings",
                .columns = {{"field", "", ColumnKind::text, For::programs, "saving_field"},
                            {"value", "", ColumnKind::text, For::programs},
                            {"label", "", ColumnKind::text, For::programs},
                            {"term", "", ColumnKind::text, For::programs},
                            {"saved_bytes", "", ColumnKind::number, For::programs},
                            {"total_bytes", "", ColumnKind::number, For::programs},
                            {"peak_moment", "", ColumnKind::text, For::programs}}};
    for (const Saving& saving : savings.list)
        table.rows.push_back(
            {{text_cell(saving.field), text_cell(saving.value), text_cell(saving.label), text_cell(saving.term),
              count_cell(saving.saved.count), count_cell(saving.total.count), text_cell(saving.moment)}});
    return table;
}

} // namespace weighbridge
