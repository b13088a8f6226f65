#include "app/cli/list_command.h"

#include "app/cli/messages.h"
#include "app/cli/options.h"
#include "core/engines/engine.h"
#include "core/fields/number_text.h"
#include "core/hardware/system.h"
#include "core/precision/format.h"
#include "core/quantity/display.h"
#include "core/quantity/nearest.h"
#include "core/report/text_table.h"
#include "core/sources/presets.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {

namespace {

using nlohmann::ordered_json;

constexpr std::array<Option, 2> list_options = {{
    {"--format", "NAME", "table or json", ""},
    {"--help", "", "this text", ""},
}};

constexpr std::string_view list_usage = R"(Prints the names that the other commands take.

Usage: weighbridge list models|accelerators|systems|engines|formats [options]

)";

/// The same list twice: cells for a terminal, values for a program.
struct Listing
{
    std::vector<Column> columns;
    std::vector<std::vector<std::string>> rows = {};
    ordered_json json = ordered_json::array();
};

std::string or_dash(const std::string& text)
{
    return text.empty() ? "—" : text;
}

Listing list_models()
{
    Listing list{.columns = {{"MODEL", Align::left},
                             {"FAMILY", Align::left},
                             {"PARAMETERS", Align::right},
                             {"ACTIVE", Align::right},
                             {"CONTEXT", Align::right}}};
    for (const std::string_view name : preset_names()) {
        const auto found = preset_model(name);
        if (!found)
            continue; // a test proves that every preset can be read
        const Model& model = **found;
        const std::int64_t context = model.architecture.max_position_embeddings;
        list.rows.push_back({model.name, model.architecture.family, parameters_text(model.parameters.total),
                             parameters_text(model.parameters.active), context > 0 ? grouped(context) : or_dash({})});
        list.json.push_back({{"name", model.name},
                             {"family", model.architecture.family},
                             {"parameters", model.parameters.total},
                             {"active", model.parameters.active},
                             {"context", context > 0 ? ordered_json(context) : ordered_json()}});
    }
    return list;
}

Listing list_accelerators()
{
    Listing list{.columns = {{"ID", Align::left},
                             {"NAME", Align::left},
                             {"VENDOR", Align::left},
                             {"GIB", Align::right},
                             {"GB/S", Align::right},
                             {"BF16 TFLOP/S", Align::right}}};
    const auto figure = [](double value) { return value > 0 ? grouped(std::llround(value)) : or_dash({}); };
    for (const Accelerator& accelerator : Catalogue().all()) {
        const auto& bf16 = accelerator.tflops.bf16;
        list.rows.push_back({accelerator.id, accelerator.name, accelerator.vendor,
                             in_unit_bare(accelerator.capacity, ByteUnit::gib), figure(accelerator.bandwidth_gbs),
                             figure(bf16.value_or(0))});
        const bool knows_bandwidth = accelerator.bandwidth_gbs > 0;
        list.json.push_back(
            {{"id", accelerator.id},
             {"name", accelerator.name},
             {"vendor", accelerator.vendor},
             {"segment", accelerator.segment},
             {"capacity_bytes", accelerator.capacity.count},
             {"capacity_from_driver", accelerator.capacity_from_driver},
             {"unified_memory", accelerator.unified_memory},
             {"bandwidth_gbs", knows_bandwidth ? ordered_json(accelerator.bandwidth_gbs) : ordered_json()},
             {"bf16_tflops", bf16 ? ordered_json(*bf16) : ordered_json()}});
    }
    return list;
}

Listing list_systems()
{
    Listing list{.columns = {{"ID", Align::left},
                             {"NAME", Align::left},
                             {"KIND", Align::left},
                             {"GPUS", Align::right},
                             {"ACCELERATOR", Align::left}}};
    for (const System& system : bundled_systems()) {
        list.rows.push_back({system.id, system.name, system.kind, grouped(system.packages), system.accelerator});
        list.json.push_back({{"id", system.id},
                             {"name", system.name},
                             {"kind", system.kind},
                             {"gpus", system.packages},
                             {"accelerator", system.accelerator},
                             {"interconnect", system.interconnect},
                             {"confidence", system.confidence},
                             {"note", system.note},
                             {"sources", system.sources}});
    }
    return list;
}

Listing list_engines()
{
    Listing list{.columns = {{"ENGINE", Align::left}, {"STATUS", Align::left}, {"VERSIONS", Align::left}}};
    for (const std::string_view id : engine_names()) {
        const Engine* engine = find_engine(id);
        const std::string versions(engine == nullptr ? "" : engine->versions);
        list.rows.push_back(
            {std::string(id), std::string(engine == nullptr ? "not built yet" : engine->summary), or_dash(versions)});
        list.json.push_back({{"name", id}, {"built", engine != nullptr}, {"versions", versions}});
    }
    return list;
}

Listing list_formats()
{
    Listing list{
        .columns = {{"FORMAT", Align::left}, {"BITS", Align::right}, {"FOR", Align::left}, {"LABEL", Align::left}}};
    for (const NumberFormat& format : number_formats()) {
        std::string uses;
        for (const auto& [use, noun] :
             {std::pair{format.for_weights, "weights"}, std::pair{format.for_kv_cache, "KV cache"},
              std::pair{format.for_activations, "activations"}})
            if (use)
                uses += (uses.empty() ? "" : ", ") + std::string(noun);
        list.rows.push_back({format.id, real_text(std::round(format.bits * 1e4) / 1e4), uses, format.label});
        list.json.push_back({{"id", format.id},
                             {"label", format.label},
                             {"bits", format.bits},
                             {"weights", format.for_weights},
                             {"kv_cache", format.for_kv_cache},
                             {"activations", format.for_activations}});
    }
    return list;
}

struct NamedList
{
    std::string_view name;
    Listing (*list)();
};

constexpr std::array<NamedList, 5> kinds = {{{"models", list_models},
                                             {"accelerators", list_accelerators},
                                             {"systems", list_systems},
                                             {"engines", list_engines},
                                             {"formats", list_formats}}};

Error no_kind(const std::vector<std::string>& words)
{
    const std::string allowed = "models, accelerators, systems, engines or formats";
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
    const std::string format = parsed->value("--format");
    if (parsed->has("--format") && format != "table" && format != "json")
        return fail(err,
                    {"", "--format is " + weighbridge::in_quotes(format) + "; for lists it must be table or json"});
    const auto& words = parsed->words;
    const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const NamedList& known) {
        return words.size() == 1 && words.front() == known.name;
    });
    if (kind == kinds.end())
        return fail(err, no_kind(words));
    const Listing listing = kind->list();
    out << (format == "json" ? listing.json.dump(2) + '\n' : aligned_table(listing.columns, listing.rows));
    return finish(out, err);
}

} // namespace weighbridge
