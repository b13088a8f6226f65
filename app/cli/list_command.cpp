#include "app/cli/list_command.h"

#include "app/cli/messages.h"
#include "app/cli/options.h"
#include "app/cli/report_format.h"
#include "core/engines/engine.h"
#include "core/fields/number_text.h"
#include "core/hardware/system.h"
#include "core/precision/format.h"
#include "core/quantity/display.h"
#include "core/quantity/nearest.h"
#include "core/report/fields_table.h"
#include "core/report/table_writers.h"
#include "core/sources/hf_config.h"
#include "core/sources/presets.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace weighbridge {

namespace {

constexpr std::array<Option, 3> list_options = {{
    {"--format", "NAME", "table, json, csv or markdown", ""},
    {"--output", "FILE", "the ending chooses csv, json, md, txt", ""},
    {"--help", "", "this text", ""},
}};

constexpr std::string_view list_usage = R"(Prints the names that the other commands take.

Usage: weighbridge list models|accelerators|systems|engines|formats|families|
           fields [options]

)";

std::string or_dash(const std::string& text)
{
    return text.empty() ? "—" : text;
}

/// Rounded, "—" for what nobody knows.
Cell rounded(double value)
{
    return value > 0 ? real_cell(value, grouped(std::llround(value))) : empty_cell();
}

Table list_models()
{
    Table table{.id = "models",
                .columns = {{"name", "MODEL"},
                            {"family", "FAMILY"},
                            {"parameters", "PARAMETERS", ColumnKind::number},
                            {"active", "ACTIVE", ColumnKind::number},
                            {"context", "CONTEXT", ColumnKind::number}}};
    for (const std::string_view name : preset_names()) {
        const auto found = preset_model(name);
        if (!found)
            continue; // a test proves that every preset can be read
        const Model& model = **found;
        const std::int64_t context = model.architecture.max_position_embeddings;
        table.rows.push_back({{text_cell(model.name), text_cell(model.architecture.family),
                               count_cell(model.parameters.total, parameters_text(model.parameters.total)),
                               count_cell(model.parameters.active, parameters_text(model.parameters.active)),
                               context > 0 ? count_cell(context, grouped(context)) : empty_cell()}});
    }
    return table;
}

Table list_accelerators()
{
    Table table{.id = "accelerators",
                .columns = {{"id", "ID"},
                            {"name", "NAME"},
                            {"vendor", "VENDOR"},
                            {"segment", "", ColumnKind::text, For::programs},
                            {"capacity_bytes", "GIB", ColumnKind::number},
                            {"capacity_from_driver", "", ColumnKind::number, For::programs},
                            {"unified_memory", "", ColumnKind::number, For::programs},
                            {"bandwidth_gbs", "GB/S", ColumnKind::number},
                            {"bf16_tflops", "BF16 TFLOP/S", ColumnKind::number}}};
    for (const Accelerator& accelerator : Catalogue().all())
        table.rows.push_back(
            {{text_cell(accelerator.id), text_cell(accelerator.name), text_cell(accelerator.vendor),
              text_cell(accelerator.segment),
              count_cell(accelerator.capacity.count, in_unit_bare(accelerator.capacity, ByteUnit::gib)),
              flag_cell(accelerator.capacity_from_driver), flag_cell(accelerator.unified_memory),
              rounded(accelerator.bandwidth_gbs), rounded(accelerator.tflops.bf16.value_or(0))}});
    return table;
}

Table list_systems()
{
    Table table{.id = "systems",
                .columns = {{"id", "ID"},
                            {"name", "NAME"},
                            {"kind", "KIND"},
                            {"gpus", "GPUS", ColumnKind::number},
                            {"accelerator", "ACCELERATOR"},
                            {"interconnect", "", ColumnKind::text, For::programs},
                            {"confidence", "", ColumnKind::text, For::programs},
                            {"note", "", ColumnKind::text, For::programs},
                            {"sources", "", ColumnKind::text, For::programs}}};
    for (const System& system : bundled_systems())
        table.rows.push_back({{text_cell(system.id), text_cell(system.name), text_cell(system.kind),
                               count_cell(system.packages, grouped(system.packages)), text_cell(system.accelerator),
                               text_cell(system.interconnect), text_cell(system.confidence), text_cell(system.note),
                               list_cell(system.sources)}});
    return table;
}

Table list_engines()
{
    Table table{.id = "engines",
                .columns = {{"name", "ENGINE"},
                            {"built", "", ColumnKind::number, For::programs},
                            {"", "STATUS", ColumnKind::text, For::people},
                            {"", "VERSIONS", ColumnKind::text, For::people},
                            {"versions", "", ColumnKind::text, For::programs}}};
    for (const Engine* engine : engines()) {
        const std::string versions(engine->versions);
        table.rows.push_back({{text_cell(engine->id), flag_cell(true), text_cell(engine->summary),
                               text_cell(or_dash(versions)), text_cell(versions)}});
    }
    return table;
}

Table list_formats()
{
    Table table{.id = "formats",
                .columns = {{"id", "FORMAT"},
                            {"label", "", ColumnKind::text, For::programs},
                            {"bits", "BITS", ColumnKind::number},
                            {"weights", "", ColumnKind::number, For::programs},
                            {"kv_cache", "", ColumnKind::number, For::programs},
                            {"activations", "", ColumnKind::number, For::programs},
                            {"", "FOR", ColumnKind::text, For::people},
                            {"", "LABEL", ColumnKind::text, For::people}}};
    for (const NumberFormat& format : number_formats()) {
        std::string uses;
        for (const auto& [use, noun] :
             {std::pair{format.for_weights, "weights"}, std::pair{format.for_kv_cache, "KV cache"},
              std::pair{format.for_activations, "activations"}})
            if (use)
                uses += (uses.empty() ? "" : ", ") + std::string(noun);
        table.rows.push_back({{text_cell(format.id), text_cell(format.label),
                               real_cell(format.bits, real_text(std::round(format.bits * 1e4) / 1e4)),
                               flag_cell(format.for_weights), flag_cell(format.for_kv_cache),
                               flag_cell(format.for_activations), text_cell(uses), text_cell(format.label)}});
    }
    return table;
}

Table list_fields()
{
    return fields_table();
}

/// What read_as takes, with a preset of each.
Table list_families()
{
    std::map<std::string, std::string, std::less<>> examples;
    for (const std::string_view name : preset_names())
        if (const auto found = preset_model(name))
            examples.try_emplace((*found)->architecture.family, name);
    Table table{.id = "families", .columns = {{"model_type", "MODEL_TYPE"}, {"preset", "PRESET"}}};
    for (const std::string_view family : known_families()) {
        if (!is_readable_as(family))
            continue; // the form's own
        const auto example = examples.find(family);
        table.rows.push_back(
            {{text_cell(family), example != examples.end() ? text_cell(example->second) : empty_cell()}});
    }
    return table;
}

struct NamedList
{
    std::string_view name;
    Table (*list)();
};

constexpr std::array<NamedList, 7> kinds = {{{"models", list_models},
                                             {"accelerators", list_accelerators},
                                             {"systems", list_systems},
                                             {"engines", list_engines},
                                             {"formats", list_formats},
                                             {"families", list_families},
                                             {"fields", list_fields}}};

Error no_kind(const std::vector<std::string>& words)
{
    const std::string allowed = "models, accelerators, systems, engines, formats, families or fields";
    if (words.empty())
        return {"", "list needs one of " + allowed};
    if (words.size() > 1)
        return {"", "list takes one of " + allowed + "; " + weighbridge::in_quotes(words[1]) + " is one too many"};
    return {"", "list is " + weighbridge::in_quotes(words.front()) + "; it must be " + allowed};
}

} // namespace

ExitStatus run_list(std::span<const std::string> arguments, std::ostream& out, std::ostream& err)
{
    const auto parsed = parse_arguments(arguments, list_options);
    if (!parsed)
        return fail(err, parsed.error());
    if (parsed->has("--help")) {
        out << list_usage << options_help(list_options);
        return finish(out, err);
    }
    const auto format = table_format(*parsed);
    if (!format)
        return fail(err, format.error());
    const auto& words = parsed->words;
    const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const NamedList& known) {
        return words.size() == 1 && words.front() == known.name;
    });
    if (kind == kinds.end())
        return fail(err, no_kind(words));
    const Table table = kind->list();
    return deliver(*format == ReportFormat::json ? json_text(table_json(table)) : rendered({&table, 1}, *format),
                   parsed->value("--output"), out, err);
}

} // namespace weighbridge
