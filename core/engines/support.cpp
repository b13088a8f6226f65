#include "core/engines/support.h"

#include "core/engines/version.h"
#include "core/sources/pattern.h"
#include "resources/resources.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace weighbridge {

namespace {

using nlohmann::json;

enum class Subject
{
    accelerator,
    weights,
    kv_cache,
};

/// A row of the table; what is empty or absent holds for all.
struct SupportRow
{
    Subject subject = Subject::accelerator;
    std::vector<std::string> engines;
    std::vector<std::string> platforms;
    std::vector<std::string> targets; ///< of AMD: "gfx942"
    std::vector<Pattern> formats;     ///< of names: "awq_*"
    std::optional<EngineVersion> from;
    std::optional<EngineVersion> below;
    std::optional<EngineVersion> compute_from; ///< NVIDIA's compute capability, which has two numbers too
    std::optional<EngineVersion> compute_below;
    Runs runs = Runs::unknown;
    std::string why;
    std::string source;

    /// Whether it speaks of one kind of device rather than of all.
    bool by_device() const { return !platforms.empty(); }
};

std::vector<std::string> names_in(const json& row, const char* key)
{
    const auto found = row.find(key);
    return found != row.end() ? found->get<std::vector<std::string>>() : std::vector<std::string>();
}

std::optional<EngineVersion> version_in(const json& row, const char* key)
{
    const auto found = row.find(key);
    if (found == row.end())
        return std::nullopt;
    return read_version(found->get<std::string>(), {});
}

SupportRow row_of(const json& row)
{
    const std::string subject = row.at("what");
    const std::string runs = row.at("runs");
    SupportRow read;
    read.subject = subject == "accelerator" ? Subject::accelerator
                   : subject == "weights"   ? Subject::weights
                                            : Subject::kv_cache;
    read.engines = names_in(row, "engine");
    read.platforms = names_in(row, "platform");
    read.targets = names_in(row, "target");
    for (const std::string& name : names_in(row, "formats"))
        read.formats.push_back(Pattern::glob(name));
    read.from = version_in(row, "from");
    read.below = version_in(row, "below");
    read.compute_from = version_in(row, "compute_from");
    read.compute_below = version_in(row, "compute_below");
    read.runs = runs == "yes" ? Runs::yes : runs == "no" ? Runs::no : Runs::unknown;
    read.why = row.value("why", std::string());
    read.source = row.at("source");
    return read;
}

/// Read once: every key press asks it for every card.
const std::vector<SupportRow>& support_rows()
{
    static const std::vector<SupportRow> rows = [] {
        std::vector<SupportRow> read;
        if (const resources::Entry* file = resources::find(resources::engines(), "support.json"))
            for (const json& row : json::parse(file->json))
                read.push_back(row_of(row));
        return read;
    }();
    return rows;
}

bool has(const std::vector<std::string>& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool has_pattern(const std::vector<Pattern>& patterns, std::string_view name)
{
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const Pattern& pattern) { return pattern.matches_start(name); });
}

/// A query with what every row is held against.
struct Asked
{
    const SupportQuery& query;
    EngineVersion version;
    std::optional<EngineVersion> compute; ///< of NVIDIA, where it is known

    explicit Asked(const SupportQuery& of) : query(of)
    {
        constexpr EngineVersion newest{9999, 0};
        version = read_version(of.version, newest);
        if (of.accelerator != nullptr && of.accelerator->platform == "cuda" && !of.accelerator->compute_target.empty())
            compute = read_version(of.accelerator->compute_target, {});
    }

    bool knows_device() const { return query.accelerator != nullptr && !query.accelerator->platform.empty(); }
};

bool within(const std::optional<EngineVersion>& from, const std::optional<EngineVersion>& below,
            const std::optional<EngineVersion>& value)
{
    if (!from && !below)
        return true;
    return value && !(from && *value < *from) && !(below && !(*value < *below));
}

bool concerns(const SupportRow& row, const Asked& asked)
{
    if (!has(row.engines, asked.query.engine) || !within(row.from, row.below, asked.version))
        return false;
    if (!row.by_device())
        return true;
    return asked.knows_device() && has(row.platforms, asked.query.accelerator->platform) &&
           within(row.compute_from, row.compute_below, asked.compute) &&
           (row.targets.empty() || has(row.targets, asked.query.accelerator->compute_target));
}

/// What a person reads: "vLLM can't load FP8 on Tesla P40: ...".
std::string sentence(const SupportRow* row, const Asked& asked, Subject subject, std::string_view label)
{
    const bool no = row != nullptr && row->runs == Runs::no;
    const std::string name(asked.query.name);
    const std::string device = asked.query.accelerator != nullptr ? asked.query.accelerator->card_name() : "";
    const bool named = row == nullptr || row->by_device();
    const std::string there = named && !device.empty() ? " on " + device : "";
    std::string text;
    if (subject == Subject::accelerator)
        text = no ? name + " doesn't run on " + device : "Whether " + name + " runs on " + device + " is not known";
    else if (subject == Subject::weights)
        text = no ? name + " can't load " + std::string(label) + there
                  : "Whether " + name + " loads " + std::string(label) + there + " is not known";
    else
        text = name + " has no KV cache in " + std::string(label);
    return row != nullptr && !row->why.empty() ? text + ": " + row->why : text;
}

/// The name that rows know a format by, and nothing where it is no format of a file: round widths, typed bits.
std::string name_in_table(const NumberFormat& format, const Model* model)
{
    if (format.id.starts_with("nominal:") || format.id.starts_with("bits:"))
        return {};
    if (format.id != checkpoint_format)
        return format.id;
    if (model == nullptr || !model->published)
        return "bf16"; // as it was trained
    const std::string& method = model->published->method;
    return method.empty() ? "bf16" : "method:" + method;
}

class SupportSearch
{
public:
    explicit SupportSearch(const SupportQuery& query) : asked_(query) {}

    Support answer()
    {
        const std::vector<SupportRow>& rows = support_rows();
        if (std::none_of(rows.begin(), rows.end(),
                         [&](const SupportRow& row) { return has(row.engines, asked_.query.engine); }))
            return {};
        if (asked_.knows_device())
            look_up(Subject::accelerator, {}, {}, {"inference.engine", "hardware.accelerator"});
        if (const NumberFormat* weights = asked_.query.weights)
            if (const std::string name = name_in_table(*weights, asked_.query.model); !name.empty())
                look_up(Subject::weights, name, weights->label, {"inference.engine", "precision.weights"});
        if (const NumberFormat* keys = asked_.query.kv_k)
            look_up(Subject::kv_cache, keys->id, keys->label, {"inference.engine", "precision.kv_cache.k"});
        if (const NumberFormat* values = asked_.query.kv_v)
            look_up(Subject::kv_cache, values->id, values->label, {"inference.engine", "precision.kv_cache.v"});
        return std::move(gravest_);
    }

private:
    void look_up(Subject subject, std::string_view format, std::string_view label, std::vector<std::string_view> keys)
    {
        const std::vector<SupportRow>& rows = support_rows();
        const auto found = std::find_if(rows.begin(), rows.end(), [&](const SupportRow& row) {
            return row.subject == subject && concerns(row, asked_) &&
                   (subject == Subject::accelerator || has_pattern(row.formats, format));
        });
        const SupportRow* row = found != rows.end() ? &*found : nullptr;
        // Rows of a cache only say what there is not, and a device that nobody named can't be in a row.
        const bool silent = subject == Subject::kv_cache || !asked_.knows_device();
        const Runs runs = row != nullptr ? row->runs : silent ? Runs::yes : Runs::unknown;
        if (runs <= gravest_.runs)
            return;
        static constexpr std::string_view rules[] = {"accelerator", "weights", "kv_cache"};
        gravest_ = {runs,
                    {.rule = rules[static_cast<std::size_t>(subject)],
                     .text = sentence(row, asked_, subject, label),
                     .keys = std::move(keys),
                     .source = row != nullptr ? std::string_view(row->source) : std::string_view()}};
    }

    Asked asked_;
    Support gravest_;
};

} // namespace

Support support_of(const SupportQuery& query)
{
    return SupportSearch(query).answer();
}

} // namespace weighbridge
