#include "core/launch/write_launch.h"

#include "core/fields/fields.h"
#include "core/fields/scenario_json.h"
#include "core/launch/reading.h"
#include "core/launch/structured_text.h"
#include "core/launch/writing.h"
#include "core/quantity/nearest.h"
#include "core/quantity/text.h"
#include "core/sources/presets.h"
#include "resources/resources.h"

#include <algorithm>
#include <array>
#include <map>

namespace weighbridge {

namespace {

/// A tool by the product's own name for it, its table, and the spellings that it has where the table has several.
struct Dialect
{
    std::string_view id;
    std::string_view table;
    std::vector<std::string_view> words = {};
};

const std::vector<Dialect>& dialects()
{
    static const std::vector<Dialect> rows = {
        {"vllm", "vllm"},
        {"sglang", "sglang"},
        {"llama.cpp", "llama.cpp"},
        {"ik_llama.cpp", "llama.cpp"},
        {"ollama",
         "ollama",
         {"num_ctx", "OLLAMA_NUM_PARALLEL", "OLLAMA_GPU_OVERHEAD", "OLLAMA_SCHED_SPREAD", "OLLAMA_MAX_LOADED_MODELS"}},
        {"mlx", "mlx-lm"},
        {"exllamav3", "tabbyapi"},
        {"tensorrt-llm", "tensorrt-llm"},
        {"lmdeploy", "lmdeploy"},
        {"trl", "hf", {"max_length", "reward_model_path"}},
        {"hf_trainer", "hf", {"optim", "max_length"}},
        {"axolotl",
         "hf",
         {"base_model", "micro_batch_size", "sequence_len", "sample_packing", "optimizer", "rl",
          "sequence_parallel_degree"}},
        {"llama_factory",
         "hf",
         {"cutoff_len", "lora_rank", "lora_target", "additional_target", "enable_liger_kernel", "flash_attn",
          "pref_beta", "stage", "freeze_vision_tower"}},
        {"ms_swift",
         "hf",
         {"model", "lora_rank", "target_modules", "modules_to_save", "attn_impl", "rlhf_type", "sequence_parallel_size",
          "freeze_vit"}},
        {"unsloth", "hf", {"max_seq_length", "r", "target_modules", "use_gradient_checkpointing"}},
        {"torchtune", "torchtune"},
        {"torchtitan", "torchtitan"},
        {"deepspeed", "deepspeed"},
        {"accelerate", "accelerate"},
        {"megatron", "megatron"},
    };
    return rows;
}

/// "llama-factory", "tabbyapi" and the like are read as well.
const Dialect* dialect_called(std::string_view tool, const std::string& task)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> also = {
        {{"llama-factory", "llama_factory"},
         {"ms-swift", "ms_swift"},
         {"tabbyapi", "exllamav3"},
         {"mlx-lm", "mlx"},
         {"mlx_lm", "mlx"},
         {"trtllm", "tensorrt-llm"},
         {"llama-server", "llama.cpp"},
         {"tensorrt_llm", "tensorrt-llm"}}};
    for (const auto& [written, id] : also)
        if (tool == written)
            tool = id;
    static const Dialect lora{"mlx", "mlx-lm-lora"};
    if (tool == "mlx" && task != "inference")
        return &lora;
    for (const Dialect& dialect : dialects())
        if (dialect.id == tool)
            return &dialect;
    return nullptr;
}

Error no_such_tool(std::string_view tool)
{
    std::vector<std::string_view> names;
    for (const Dialect& dialect : dialects())
        names.push_back(dialect.id);
    return {"", "--launch is " + in_quotes(tool) + nearest_clause(tool, names) + "; it must be one of " +
                    joined(names) + ", with docker:, compose: or kubernetes: before an engine that is served so"};
}

/// Whether the row belongs to the tool, of a table that several share.
bool is_of(const FlagRow& row, const std::string& tool)
{
    if (!row.of.empty() && row.of != tool)
        return false;
    if (row.only.empty())
        return true;
    const std::string padded = " " + row.only + " ";
    return padded.find(" " + tool + " ") != std::string::npos;
}

std::string table_key(const LaunchWriting& writing, const FlagRow& row)
{
    constexpr std::string_view group = "training.";
    return row.key.starts_with(group) ? writing.table->task + "." + row.key.substr(group.size()) : row.key;
}

/// The repository that a preset is of; its name where nobody wrote it down.
std::string repository_of(const std::string& preset)
{
    const resources::Entry* entry = resources::find(resources::models(), preset);
    if (entry == nullptr)
        return preset;
    const auto config = nlohmann::json::parse(entry->json, nullptr, false);
    if (!config.is_object() || !config.contains("_weighbridge"))
        return preset;
    return config.at("_weighbridge").value("repository", preset);
}

void name_model(LaunchWriting& writing)
{
    const ModelReference& model = writing.scenario->model;
    using Kind = ModelReference::Kind;
    if (model.kind == Kind::hub || model.kind == Kind::path)
        writing.model = model.text;
    else if (model.kind == Kind::preset)
        writing.model = repository_of(model.text);
    else
        writing.written.cant_say.emplace_back("model");
    if (writing.model.empty())
        writing.model = "MODEL";
}

/// Dotted keys that are members of one object of the tool: "inference.speculative_config.method".
const FlagRow* object_row(const LaunchWriting& writing, const std::string& key, std::string& member)
{
    for (const FlagRow& row : writing.table->rows) {
        if (row.as != "object")
            continue;
        if (key.starts_with(row.key + ".")) {
            member = key.substr(row.key.size() + 1);
            return &row;
        }
        if (key == "inference.num_speculative_tokens" && row.key.ends_with("speculative_config")) {
            member = "num_speculative_tokens";
            return &row;
        }
    }
    return nullptr;
}

bool add_member(LaunchWriting& writing, const ScenarioField& field)
{
    std::string member;
    const FlagRow* row = object_row(writing, field.key, member);
    if (row == nullptr)
        return false;
    FlagRow plain;
    plain.name = row->name;
    plain.as = member == "model" ? "draft_model" : "";
    auto value = written_value(writing, plain, field);
    if (!value)
        return false;
    auto found = std::find_if(writing.entries.begin(), writing.entries.end(),
                              [&](const WrittenEntry& entry) { return entry.name == row->name; });
    if (found == writing.entries.end()) {
        writing.add(row->name, nlohmann::ordered_json::object(), field.key, field.help);
        found = std::prev(writing.entries.end());
    } else {
        writing.written.flags.push_back({row->name, value_text(*value->value), field.key, std::string(field.help)});
    }
    (*found->value)[member] = *value->value;
    return true;
}

/// By the first row of the key that has a word for the value, else by a flag of the key's own name.
bool add_field(LaunchWriting& writing, const ScenarioField& field)
{
    if (add_member(writing, field))
        return true;
    // A switch that says it all goes before a value: --disable-cuda-graph, not --cuda-graph-max-bs 0.
    for (const bool fixed : {true, false})
        for (const FlagRow& row : writing.table->rows) {
            if (table_key(writing, row) != field.key || !is_of(row, writing.tool) || (row.as == "fixed") != fixed)
                continue;
            if (const auto entry = written_value(writing, row, field)) {
                writing.add(entry->name, entry->value, field.key, field.help);
                return true;
            }
        }
    const std::string name(field.name());
    const FlagKind kind = writing.table->find(name);
    const bool is_own = key_named_after(*writing.table, writing.scenario->inference.engine, name) == field.key;
    if (!kind.is_known || kind.row != nullptr || !is_own || kind.is_switch != (field.kind == OptionKind::flag))
        return false;
    FlagRow plain;
    plain.name = name;
    const auto entry = written_value(writing, plain, field);
    if (entry)
        writing.add(entry->name, entry->value, field.key, field.help);
    return entry.has_value();
}

/// Keys and values of the cache that are of two formats have a flag each in llama.cpp alone.
bool add_cache(LaunchWriting& writing, const ScenarioField& field)
{
    if (field.key != "precision.kv_cache" || writing.table->tool != "llama.cpp")
        return false;
    for (const char* key : {"precision.kv_cache.k", "precision.kv_cache.v"})
        add_field(writing, *field_named(key));
    return true;
}

/// What the form of the command says by itself.
bool is_said_otherwise(const LaunchWriting& writing, const std::string& key, const std::vector<std::string>& said)
{
    static const std::vector<std::string> always = {"task", "inference.engine", "inference.engine_version"};
    if (contains(always, key) || contains(said, key))
        return true;
    constexpr std::array files = {"ollama", "exllamav3"};
    constexpr std::array without_ranks = {"unsloth", "mlx", "deepspeed"};
    if (key == "hardware.count")
        return writing.training() == nullptr && writing.container != "kubernetes" && !contains(files, writing.tool);
    return key == "hardware.data_parallel" && writing.training() != nullptr && !contains(without_ranks, writing.tool);
}

void write_fields(LaunchWriting& writing, const std::vector<std::string>& said)
{
    const Scenario& scenario = *writing.scenario;
    const std::string recompute = writing.table->task + ".recompute";
    for (const ScenarioField& field : scenario_fields()) {
        if (!is_read(scenario, field) || is_said_otherwise(writing, field.key, said))
            continue;
        // What trainers do without a word is not what a scenario has, and an engine's cache is not what a new one has.
        const bool always =
            field.key == recompute && writing.table->tool != "deepspeed" && writing.table->tool != "accelerate";
        const bool is_megatron = writing.table->tool == "megatron" && field_text(scenario, field) == "none";
        const bool is_cache = field.key.starts_with("precision.kv_cache") && is_chosen(scenario, field);
        if ((always && is_megatron) ||
            (!always && ((!is_cache && is_default(scenario, field)) || !is_written(scenario, field))))
            continue;
        if (!add_cache(writing, field) && !add_field(writing, field))
            writing.written.cant_say.push_back(field.key);
    }
}

} // namespace

void LaunchWriting::add(const std::string& name, std::optional<nlohmann::ordered_json> value, std::string_view key,
                        std::string_view why)
{
    const std::string flag = spelled(name);
    written.flags.push_back({flag, value ? value_text(*value) : "", std::string(key), std::string(why)});
    entries.push_back({flag, std::move(value), false});
}

std::string LaunchWriting::spelled(const std::string& name) const
{
    const FlagKind kind = table->find(name);
    for (const Dialect& dialect : dialects()) {
        if (dialect.id != tool || kind.row == nullptr)
            continue;
        for (const std::string& other : kind.row->also)
            if (contains(dialect.words, other))
                return other;
        if (contains(dialect.words, kind.row->name))
            return kind.row->name;
    }
    return name;
}

Outcome choose_launched(Scenario& scenario, std::string_view tool)
{
    tool.remove_prefix(tool.find(':') == std::string_view::npos ? 0 : tool.find(':') + 1);
    const Dialect* dialect = dialect_called(tool, scenario.task);
    if (dialect == nullptr)
        return no_such_tool(tool);
    const FlagTable& table = *flag_table(dialect->table);
    const bool serves = table.framework.empty();
    const ScenarioField& task = *field_named("task");
    if (!is_chosen(scenario, task) && !serves && scenario.task == "inference")
        if (Outcome problem = set_field(scenario, "task", table.task))
            return problem;
    if (serves != (scenario.task == "inference"))
        return Error{"task", "task is " + in_quotes(scenario.task) + ", and " + std::string(dialect->id) +
                                 (serves ? " serves" : " trains")};
    const std::string key = serves ? "inference.engine" : scenario.task + ".framework";
    const ScenarioField& field = *field_named(key);
    const std::string id(dialect->id == "accelerate" ? "hf_trainer" : dialect->id);
    if (!is_chosen(scenario, field))
        return set_field(scenario, key, id);
    if (field_text(scenario, field) != id)
        return Error{key, key + " is " + in_quotes(field_text(scenario, field)) + ", and --launch is " +
                              in_quotes(tool) + "; they must be the same"};
    return {};
}

Result<WrittenLaunch> write_launch(const Scenario& scenario, std::string_view tool)
{
    LaunchWriting writing;
    if (const std::size_t colon = tool.find(':'); colon != std::string_view::npos) {
        writing.container = tool.substr(0, colon);
        tool.remove_prefix(colon + 1);
    }
    const Dialect* dialect = dialect_called(tool, scenario.task);
    constexpr std::array containers = {"", "docker", "compose", "kubernetes"};
    constexpr std::array served = {"vllm", "sglang", "llama.cpp", "tensorrt-llm", "lmdeploy"};
    if (dialect == nullptr || !contains(containers, writing.container) ||
        (!writing.container.empty() && !contains(served, dialect->id)))
        return no_such_tool(tool);
    FlagTable table = *flag_table(dialect->table);
    if (!table.framework.empty())
        table.task = scenario.task == "train" ? "train" : "fine_tune";
    writing.scenario = &scenario;
    writing.table = &table;
    writing.tool = dialect->id;
    writing.written.tool = dialect->id;
    const TrainingChoice* training = scenario.training();
    writing.written.version = training != nullptr ? training->framework_version : scenario.inference.engine_version;
    name_model(writing);
    write_fields(writing, write_training(writing));
    write_text(writing);
    return std::move(writing.written);
}

nlohmann::ordered_json written_json(const WrittenLaunch& launch)
{
    nlohmann::ordered_json root;
    root["tool"] = launch.tool;
    root["version"] = launch.version.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(launch.version);
    root["text"] = launch.text;
    root["files"] = nlohmann::ordered_json::array();
    for (const auto& [name, text] : launch.files)
        root["files"].push_back({{"name", name}, {"text", text}});
    root["flags"] = nlohmann::ordered_json::array();
    for (const WrittenFlag& flag : launch.flags)
        root["flags"].push_back({{"flag", flag.flag}, {"value", flag.value}, {"key", flag.key}, {"why", flag.why}});
    root["cant_say"] = launch.cant_say;
    return root;
}

} // namespace weighbridge
