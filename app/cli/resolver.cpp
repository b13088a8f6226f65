#include "app/cli/resolver.h"

#include "core/fields/fields.h"
#include "core/fields/scenario_json.h"
#include "core/files/load_model.h"
#include "core/quantity/nearest.h"
#include "core/sources/hf_config.h"
#include "core/sources/presets.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace weighbridge {

namespace {

using Kind = ModelReference::Kind;

constexpr std::string_view hub_prefix = "hf:";

/// Models, accelerators and comparisons that are kept at most; a stream of scenarios may name any number.
constexpr std::size_t kept_at_most = 256;

template<class Map>
void keep_bounded(Map& map)
{
    if (map.size() >= kept_at_most)
        map.clear();
}

/// A part of a path that leads out of where it stands, which no part of an address may be.
bool has_dots_alone(std::string_view path)
{
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view part = path.substr(begin, end - begin);
        if (part == "." || part == "..")
            return true;
        begin = end + 1;
    }
    return false;
}

/// org/name or name, with @revision and :file: what the Hub allows in names.
bool is_hub_reference(std::string_view text)
{
    if (text.ends_with(':'))
        return false;
    text = text.substr(0, text.find(':'));
    const std::size_t at = text.find('@');
    const std::string_view repository = text.substr(0, at);
    const auto allowed = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.' || letter == '/';
    };
    const bool has_revision = at != std::string_view::npos;
    if (has_dots_alone(repository) || (has_revision && has_dots_alone(text.substr(at + 1))))
        return false;
    const bool revision_is_there = !has_revision || at + 1 < text.size();
    return !repository.empty() && revision_is_there && std::count(repository.begin(), repository.end(), '/') <= 1 &&
           repository.front() != '/' && repository.back() != '/' &&
           std::all_of(repository.begin(), repository.end(), allowed);
}

Error within(std::string_view key, const Error& error)
{
    return {std::string(key) + "." + error.field, std::string(key) + ": " + error.message};
}

/// Where the message does not say which repository it is about.
Error named(std::string_view prefix, const std::string& text, const Error& error)
{
    const std::string shown = std::string(prefix) + text;
    const bool is_said = error.message.find(text) != std::string::npos && error.field != shown;
    return {error.field, is_said ? error.message : shown + ": " + error.message};
}

} // namespace

Result<Question> Resolver::resolve(const Scenario& scenario)
{
    status_ = ExitStatus::unusable;
    auto read = with_drafts(scenario);
    if (!read)
        return read.error();
    auto found_model = model(scenario.model);
    if (!found_model)
        return found_model.error();
    auto found_accelerator = accelerator(scenario.hardware);
    if (!found_accelerator)
        return found_accelerator.error();
    keep_bounded(comparisons_);
    auto& comparisons = comparisons_[scenario.hardware.pinned];
    if (!comparisons)
        comparisons = comparison_accelerators(catalogue_, scenario.hardware.pinned);
    Question question{std::move(*read), std::move(*found_model), std::move(*found_accelerator), comparisons};
    question.today = environment_.today;
    return question;
}

Result<Scenario> Resolver::with_drafts(const Scenario& scenario)
{
    Scenario read = scenario;
    for (const ScenarioField& field : scenario_fields()) {
        const std::string text = field.names == NameTable::model ? field_text(scenario, field) : std::string();
        if (!text.starts_with('{'))
            continue;
        const auto reference = model_reference(text);
        if (!reference || reference->kind != Kind::path)
            continue;
        const auto loaded = load_model(*reference);
        if (!loaded)
            return within(field.key, loaded.error());
        ModelReference kept = *reference;
        kept.kind = Kind::config;
        kept.config = loaded->config;
        kept.text.clear();
        field.set(read, write_model(kept).dump());
    }
    return read;
}

Result<ModelPointer> Resolver::model(const ModelReference& reference)
{
    if (reference.kind == Kind::config || reference.kind == Kind::architecture)
        return load(reference);
    const std::string key = std::to_string(static_cast<int>(reference.kind)) + ':' + reference.read_as + '\n' +
                            reference.name + '\n' + reference.text;
    if (const auto known = models_.find(key); known != models_.end())
        return known->second;
    auto loaded = load(reference);
    if (loaded) {
        keep_bounded(models_);
        models_.emplace(key, *loaded);
    }
    return loaded;
}

Result<ModelPointer> Resolver::load(const ModelReference& reference)
{
    std::string note;
    auto loaded = load_model(reference, [&](const ModelReference& asked) { return fetch(asked, note); });
    if (!loaded && reference.kind == Kind::config)
        return within("model.config", loaded.error());
    if (!loaded && reference.kind == Kind::architecture)
        return within("model.architecture", loaded.error());
    if (!loaded)
        return reference.kind == Kind::hub ? named(hub_prefix, reference.text, loaded.error()) : loaded.error();
    if (note.empty())
        return std::move(loaded->model);
    auto noted = std::make_shared<Model>(*loaded->model);
    noted->issues.push_back({"model", Severity::note, note});
    return ModelPointer(std::move(noted));
}

Result<FetchedModel> Resolver::fetch(const ModelReference& reference, std::string& note)
{
    const std::string shown = std::string(hub_prefix) + reference.text;
    if (!is_hub_reference(reference.text))
        return Error{"model", "model is " + weighbridge::in_quotes(shown) +
                                  "; it must be hf:org/name, hf:org/name@revision or hf:org/name:FILE"};
    if (!environment_.fetch_model) {
        status_ = ExitStatus::network_failed;
        return Error{"model", "model is " + weighbridge::in_quotes(shown) +
                                  ", but this build has no network access; download its config.json and "
                                  "give the file"};
    }
    auto came = environment_.fetch_model(reference.text);
    if (!came) {
        if (came.error().field != not_fetchable)
            status_ = ExitStatus::network_failed;
        return Error{shown, came.error().message};
    }
    note = came->note;
    return std::move(came->fetched);
}

Result<Accelerator> Resolver::accelerator(const HardwareChoice& hardware)
{
    if (hardware.accelerator == "custom") {
        if (hardware.custom)
            return *hardware.custom;
        return Error{"hardware.accelerator",
                     "hardware.accelerator is \"custom\"; it must be an object that describes it"};
    }
    if (const auto known = accelerators_.find(hardware.accelerator); known != accelerators_.end())
        return known->second;
    auto found = catalogue_.find(hardware.accelerator);
    if (found) {
        keep_bounded(accelerators_);
        accelerators_.emplace(hardware.accelerator, *found);
    }
    return found;
}

Result<ModelReference> model_argument(const std::string& text)
{
    ModelReference reference;
    if (text.starts_with(hub_prefix)) {
        reference.kind = Kind::hub;
        reference.text = text.substr(hub_prefix.size());
        return reference;
    }
    const bool is_path = text.find('/') != std::string::npos;
    std::error_code error;
    const bool exists = std::filesystem::exists(text, error);
    if (!(is_path && exists)) {
        auto preset = canonical_preset(text);
        if (preset) {
            reference.text = std::move(*preset);
            return reference;
        }
        const bool names_a_file = text.ends_with(".json") || text.ends_with(".gguf") || text.ends_with(".safetensors");
        const bool names_a_place = text.starts_with('/') || text.starts_with('.') || text.starts_with('~');
        if (!exists && !names_a_file && !names_a_place)
            return Error{"model", preset.error().message + "; no file or folder has that name either"};
    }
    reference.kind = Kind::path;
    reference.text = text;
    return reference;
}

} // namespace weighbridge
