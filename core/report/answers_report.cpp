#include "core/report/answers_report.h"

#include "core/quantity/display.h"
#include "core/report/summary.h"

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

ordered_json row_json(const Recommendation& row, const Configuration& configuration)
{
    const bool laid_out = row.refusal.empty();
    ordered_json json;
    json["configuration"] = configuration.id;
    json["name"] = configuration.name;
    json["kind"] = configuration.kind;
    json["in_appendix"] = configuration.in_appendix;
    json["accelerator"] = configuration.accelerator.id;
    json["gpus"] = configuration.gpus;
    json["capacity_bytes"] = configuration.accelerator.capacity.count;
    json["tensor_parallel"] = row.tensor_parallel;
    json["pipeline_parallel"] = row.pipeline_parallel;
    json["context_parallel"] = row.context_parallel;
    json["data_parallel"] = row.data_parallel;
    json["gpus_used"] = row.gpus_used;
    json["needed_bytes"] = laid_out ? ordered_json(row.needed.count) : ordered_json();
    json["usable_bytes"] = laid_out ? ordered_json(row.usable.count) : ordered_json();
    json["fraction"] = laid_out ? ordered_json(row.fraction) : ordered_json();
    json["fits"] = row.fits;
    json["refusal"] = row.refusal;
    return json;
}

ordered_json curve_json(const std::vector<ServingPoint>& curve, const char* at)
{
    ordered_json list = ordered_json::array();
    for (const ServingPoint& point : curve)
        list.push_back({{at, point.at}, {"bytes", std::llround(point.bytes)}});
    return list;
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
    const std::string among = grouped(static_cast<std::int64_t>(recommendations.rows.size())) + " configurations at " +
                              percent_text(recommendations.usable_share) + " usable";
    const Recommendation* row = recommendations.smallest();
    if (row == nullptr)
        return "None of " + among + " holds it";
    const Configuration& configuration = recommendations.configuration(*row);
    return "Smallest of " + among + ": " + configuration.name + " (" + layout_text(*row) + "), " +
           in_unit(row->needed, ByteUnit::gib) + " of " + in_unit(configuration.accelerator.capacity, ByteUnit::gib) +
           " per GPU, " + percent_text(row->fraction) + " used";
}

TextRows recommendation_rows(const Recommendations& recommendations)
{
    TextRows rows;
    rows.headings = {"Configuration", "GPUs", "Layout", "GiB per GPU", "of GiB", "Used"};
    for (const Recommendation& row : recommendations.rows) {
        if (!row.fits)
            continue;
        const Configuration& configuration = recommendations.configuration(row);
        rows.cells.push_back({configuration.name, used_text(row, configuration), layout_text(row), gib_text(row.needed),
                              gib_text(configuration.accelerator.capacity), percent_text(row.fraction)});
    }
    return rows;
}

ordered_json recommendations_json(const Recommendations& recommendations)
{
    const Recommendation* smallest = recommendations.smallest();
    ordered_json json;
    json["usable_share"] = recommendations.usable_share;
    json["smallest"] = smallest != nullptr ? ordered_json(recommendations.configuration(*smallest).id) : ordered_json();
    json["configurations"] = ordered_json::array();
    for (const Recommendation& row : recommendations.rows)
        json["configurations"].push_back(row_json(row, recommendations.configuration(row)));
    return json;
}

void add_recommendations(csv::Table& table, const Recommendations& recommendations)
{
    using csv::count;
    using csv::text;
    table.section({"configuration", "name", "kind", "in_appendix", "accelerator", "gpus", "capacity_bytes",
                   "tensor_parallel", "pipeline_parallel", "context_parallel", "data_parallel", "gpus_used",
                   "needed_bytes", "usable_bytes", "fraction", "fits", "refusal"});
    for (const Recommendation& row : recommendations.rows) {
        const Configuration& configuration = recommendations.configuration(row);
        const bool laid_out = row.refusal.empty();
        table.row({text(configuration.id), text(configuration.name), text(configuration.kind),
                   text(configuration.in_appendix ? "true" : "false"), text(configuration.accelerator.id),
                   count(configuration.gpus), count(configuration.accelerator.capacity.count),
                   count(row.tensor_parallel), count(row.pipeline_parallel), count(row.context_parallel),
                   count(row.data_parallel), count(row.gpus_used), laid_out ? count(row.needed.count) : csv::Cell{},
                   laid_out ? count(row.usable.count) : csv::Cell{}, laid_out ? csv::number(row.fraction) : csv::Cell{},
                   text(row.fits ? "true" : "false"), text(row.refusal)});
    }
}

std::string searched_text(std::int64_t found, std::int64_t most)
{
    if (found == 0)
        return "none";
    return (found >= most ? "at least " : "") + grouped(found);
}

TextRows serving_length_rows(const ServingCapacity& serving)
{
    TextRows rows;
    rows.headings = {"Tokens per request", "Concurrent requests", "Cache of one, GiB", ""};
    rows.cells.reserve(serving.by_length.size());
    for (const LengthRow& row : serving.by_length)
        rows.cells.push_back({grouped(row.tokens), searched_text(row.max_concurrent_sequences, most_sequences),
                              gib_text(row.one_sequence), remark_mark(rows.notes, row.remark)});
    return rows;
}

TextRows serving_concurrency_rows(const ServingCapacity& serving)
{
    TextRows rows;
    rows.headings = {"Concurrent requests", "Longest context, tokens", ""};
    rows.cells.reserve(serving.by_concurrency.size());
    for (const ConcurrencyRow& row : serving.by_concurrency)
        rows.cells.push_back({grouped(row.sequences), searched_text(row.max_sequence_length, most_tokens),
                              remark_mark(rows.notes, row.remark)});
    return rows;
}

ordered_json serving_json(const ServingCapacity& serving)
{
    ordered_json json;
    json["kv_tokens"] = serving.kv_tokens;
    json["by_length"] = ordered_json::array();
    for (const LengthRow& row : serving.by_length)
        json["by_length"].push_back({{"sequence_length", row.tokens},
                                     {"max_concurrent_sequences", row.max_concurrent_sequences},
                                     {"cache_bytes_per_sequence", row.one_sequence.count},
                                     {"remark", row.remark}});
    json["by_concurrency"] = ordered_json::array();
    for (const ConcurrencyRow& row : serving.by_concurrency)
        json["by_concurrency"].push_back({{"concurrent_sequences", row.sequences},
                                          {"max_sequence_length", row.max_sequence_length},
                                          {"remark", row.remark}});
    json["over_context"] = curve_json(serving.over_context, "sequence_length");
    json["over_concurrency"] = curve_json(serving.over_concurrency, "concurrent_sequences");
    json["capacity_lines"] = ordered_json::array();
    for (const CapacityLine& line : serving.lines)
        json["capacity_lines"].push_back({{"accelerator", line.accelerator},
                                          {"name", line.name},
                                          {"usable_bytes", line.usable.count},
                                          {"chosen", line.chosen}});
    return json;
}

void add_serving(csv::Table& table, const ServingCapacity& serving)
{
    using csv::count;
    using csv::text;
    table.section({"serving_length", "max_concurrent_sequences", "cache_bytes_per_sequence", "remark"});
    for (const LengthRow& row : serving.by_length)
        table.row(
            {count(row.tokens), count(row.max_concurrent_sequences), count(row.one_sequence.count), text(row.remark)});
    table.section({"serving_concurrency", "max_sequence_length", "remark"});
    for (const ConcurrencyRow& row : serving.by_concurrency)
        table.row({count(row.sequences), count(row.max_sequence_length), text(row.remark)});
    table.section({"sequence_length", "bytes"});
    for (const ServingPoint& point : serving.over_context)
        table.row({count(point.at), count(std::llround(point.bytes))});
    table.section({"concurrent_sequences", "bytes"});
    for (const ServingPoint& point : serving.over_concurrency)
        table.row({count(point.at), count(std::llround(point.bytes))});
    table.section({"capacity_line", "name", "usable_bytes", "chosen"});
    for (const CapacityLine& line : serving.lines)
        table.row(
            {text(line.accelerator), text(line.name), count(line.usable.count), text(line.chosen ? "true" : "false")});
}

ordered_json savings_json(const Savings& savings)
{
    ordered_json list = ordered_json::array();
    for (const Saving& saving : savings.list)
        list.push_back({{"field", saving.field},
                        {"value", saving.value},
                        {"label", saving.label},
                        {"term", saving.term},
                        {"saved_bytes", saving.saved.count},
                        {"total_bytes", saving.total.count},
                        {"peak_moment", saving.moment}});
    return list;
}

void add_savings(csv::Table& table, const Savings& savings)
{
    using csv::count;
    using csv::text;
    table.section({"saving_field", "value", "label", "term", "saved_bytes", "total_bytes", "peak_moment"});
    for (const Saving& saving : savings.list)
        table.row({text(saving.field), text(saving.value), text(saving.label), text(saving.term),
                   count(saving.saved.count), count(saving.total.count), text(saving.moment)});
}

} // namespace weighbridge
