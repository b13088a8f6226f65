#include "core/launch/launch.h"

#include "core/engines/engine.h"
#include "core/fields/fields.h"
#include "core/launch/interpret.h"
#include "core/launch/reading.h"
#include "core/launch/recognise.h"
#include "core/launch/structured_text.h"
#include "core/quantity/nearest.h"
#include "core/quantity/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace weighbridge {

namespace {

/// Whether a name is that of a secret: a part of it is one of these words.
bool names_secret(std::string_view flag)
{
    constexpr std::array words = {"token",  "key",         "keys", "secret", "password",
                                  "passwd", "credentials", "auth", "apikey"};
    std::string part;
    const auto is_secret = [&] { return contains(words, part); };
    for (const char letter : flag) {
        if (std::isalnum(static_cast<unsigned char>(letter)) != 0) {
            part += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
            continue;
        }
        if (is_secret())
            return true;
        part.clear();
    }
    return is_secret();
}

/// Whether a text looks like a token of the Hub, OpenAI, GitHub or AWS, wherever it stands.
bool holds_token(std::string_view text)
{
    constexpr std::size_t shortest = 12;
    for (const std::string_view mark : {"hf_", "sk-", "ghp_", "github_pat_", "AKIA", "Bearer ", "wandb_v1_"})
        for (std::size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1)) {
            std::size_t end = at + mark.size();
            while (end < text.size() &&
                   (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '-' || text[end] == '_'))
                ++end;
            if (end - at - mark.size() >= shortest &&
                std::any_of(text.begin() + static_cast<std::ptrdiff_t>(at),
                            text.begin() + static_cast<std::ptrdiff_t>(end),
                            [](unsigned char letter) { return std::isdigit(letter) != 0; }))
                return true;
        }
    return false;
}

constexpr std::string_view not_kept = "(not kept)";
constexpr std::size_t longest_value = 4096;

std::string shown_value(const Setting& setting)
{
    const std::string value = setting.value.value_or("");
    if ((!value.empty() && names_secret(setting.name)) || holds_token(value))
        return std::string(not_kept);
    return value.substr(0, longest_value);
}

/// The names that every engine's starter reads.
bool read_visible_gpus(LaunchReading& reading, const Setting& setting, LaunchFlag& flag)
{
    constexpr std::array names = {"CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES",
                                  "docker --gpus", "NVIDIA_VISIBLE_DEVICES"};
    if (!contains(names, setting.name))
        return false;
    const std::string value = setting.value.value_or("");
    flag.read = FlagRead::taken;
    if (value == "all" || value == "void" || value.find('$') != std::string::npos) {
        flag.read = FlagRead::no_effect;
        flag.note = "all there are";
        return true;
    }
    std::vector<std::string> devices;
    for (const std::string& item : items_of(value))
        if (!item.empty())
            devices.push_back(item);
    const bool llama = reading.table->engine == "llama.cpp" || reading.table->engine == "ollama";
    if ((devices.empty() || devices.front() == "-1" || value == "none") && llama) {
        flag.key = "inference.device";
        flag.note = "no GPU";
        reading.settle("inference.device", "none");
        return true;
    }
    flag.key = "hardware.count";
    std::int64_t count = static_cast<std::int64_t>(devices.size());
    // "--gpus 2" is a number, "device=0,1" and CUDA_VISIBLE_DEVICES are lists.
    if (setting.name == "docker --gpus" && devices.size() == 1 && devices.front().size() < 4 &&
        std::all_of(devices.front().begin(), devices.front().end(),
                    [](unsigned char letter) { return std::isdigit(letter) != 0; }))
        count = std::stoll(devices.front());
    reading.visible_gpus = count;
    return true;
}

const std::string& engine_in_use(const LaunchReading& reading)
{
    return reading.command.scenario.inference.engine;
}

bool is_negated(std::string_view name, const FlagRow* row)
{
    return name.starts_with("no_") && row != nullptr && row->name != name && !contains(row->also, name);
}

/// By the table's row, or by the key of the same name.
void read_setting(LaunchReading& reading, const Setting& setting, LaunchFlag& flag)
{
    const FlagKind kind = reading.table->find(setting.name);
    FlagRow plain;
    const FlagRow* row = kind.row;
    const std::string name = setting.name.starts_with("no_") && kind.is_switch ? setting.name.substr(3) : setting.name;
    if (row == nullptr || (row->as.empty() && row->key.empty())) {
        plain.name = name;
        plain.key = key_named_after(*reading.table, engine_in_use(reading), name);
        plain.is_switch = kind.is_switch || !setting.value;
        if (plain.key.empty()) {
            flag.read = !kind.is_known ? FlagRead::unknown : kind.has_effect ? FlagRead::no_rule : FlagRead::no_effect;
            return;
        }
        row = &plain;
    }
    flag.key = row->key.empty() ? std::string() : reading.key(row->key);
    if (row->as.empty() && field_named(flag.key) == nullptr) {
        flag.read = FlagRead::no_rule;
        flag.key.clear();
        return;
    }
    flag.read = FlagRead::taken;
    std::string value = setting.value.value_or("");
    if (row->is_switch && !setting.value)
        value = "true";
    if (is_negated(setting.name, kind.row) || (row == &plain && name != setting.name))
        value = truth_of(value).value_or(true) ? "false" : "true";
    ReadFlag conversion = serving_conversion(row->as);
    if (conversion == nullptr)
        conversion = training_conversion(row->as);
    const bool is_open =
        setting.value && (setting.value->empty() || *setting.value == "null" || *setting.value == "None");
    if (is_open && !setting.is_environment) {
        flag.note = "left to the tool";
        return;
    }
    const Outcome problem =
        conversion != nullptr ? conversion(reading, *row, value, flag) : reading.set(row->key, value);
    if (problem) {
        flag.read = FlagRead::no_rule;
        flag.note = holds_token(problem->message) ? "its value is refused" : problem->message;
        flag.key.clear();
    }
}

void read_all(LaunchReading& reading)
{
    for (const Setting& setting : reading.launch->settings) {
        LaunchFlag flag{setting.flag, shown_value(setting), FlagRead::unknown, {}, {}};
        if (setting.name.starts_with("docker ") && setting.name != "docker --gpus") {
            flag.read = FlagRead::no_effect;
            flag.note = "of the container";
        } else if (!read_visible_gpus(reading, setting, flag)) {
            const std::size_t before = reading.command.flags.size();
            read_setting(reading, setting, flag);
            // An object's members follow their flag.
            reading.command.flags.insert(reading.command.flags.begin() + static_cast<std::ptrdiff_t>(before),
                                         std::move(flag));
            continue;
        }
        reading.command.flags.push_back(std::move(flag));
    }
}

/// What stands without a flag: a model, or a file whose content is not at hand.
void read_positional(LaunchReading& reading)
{
    for (const std::string& word : reading.launch->positional) {
        LaunchFlag flag{word, {}, FlagRead::unknown, {}, {}};
        const bool is_config = word.ends_with(".yml") || word.ends_with(".yaml") || word.ends_with(".toml") ||
                               word.ends_with(".json") || word.ends_with(".py");
        if (is_config) {
            flag.read = FlagRead::no_rule;
            flag.note = "the file was not read";
            reading.command.ask.push_back("what " + in_quotes(word) + " says: give its text");
        } else if (!reading.table->positional.empty() && !reading.model_is_named) {
            const FlagKind kind = reading.table->find(reading.table->positional);
            flag.read = FlagRead::taken;
            if (set_model(reading, word, flag) || kind.row == nullptr)
                flag.read = FlagRead::unknown;
        } else if (holds_token(word)) {
            flag.flag = not_kept;
        }
        reading.command.flags.push_back(std::move(flag));
    }
}

/// ik_llama.cpp is llama.cpp's fork with the same programs: its own flags tell.
std::string engine_of(const Launch& launch, const FlagTable& table)
{
    for (const Setting& setting : launch.settings)
        if (const FlagKind kind = table.find(setting.name); kind.row != nullptr && !kind.row->of.empty())
            return kind.row->of;
    return table.engine;
}

void set_task(LaunchReading& reading)
{
    const FlagTable& table = *reading.table;
    reading.settle("task", table.task);
    if (!table.engine.empty()) {
        const std::string engine =
            reading.launch->tool == "ik_llama.cpp" ? "ik_llama.cpp" : engine_of(*reading.launch, table);
        reading.settle("inference.engine", engine);
        if (engine == "ik_llama.cpp")
            reading.command.tool = engine;
        if (!reading.command.version.empty())
            reading.settle("inference.engine_version", reading.command.version);
        return;
    }
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> frameworks = {
        {{"trl", "trl"},
         {"axolotl", "axolotl"},
         {"llama-factory", "llama_factory"},
         {"ms-swift", "ms_swift"},
         {"unsloth", "unsloth"}}};
    std::string_view framework = table.framework;
    for (const auto& [tool, id] : frameworks)
        if (tool == reading.command.tool && reading.launch->table == "hf")
            framework = id;
    reading.settle("training.framework", framework);
    if (!reading.command.version.empty())
        reading.settle("training.framework_version", reading.command.version);
}

/// With a mark in place of bytes that are no UTF-8: reports are JSON.
std::string in_utf8(std::string_view text)
{
    const nlohmann::json shown = std::string(text);
    return nlohmann::json::parse(shown.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
        .get<std::string>();
}

std::string_view read_name(FlagRead read)
{
    switch (read) {
    case FlagRead::taken:
        return "taken";
    case FlagRead::no_effect:
        return "no_effect";
    case FlagRead::no_rule:
        return "no_rule";
    case FlagRead::unknown:
        break;
    }
    return "unknown";
}

} // namespace

std::string LaunchReading::key(std::string_view row_key) const
{
    constexpr std::string_view group = "training.";
    return row_key.starts_with(group) ? table->task + "." + std::string(row_key.substr(group.size()))
                                      : std::string(row_key);
}

Outcome LaunchReading::set(std::string_view row_key, std::string_view value)
{
    return set_field(command.scenario, key(row_key), value);
}

void LaunchReading::settle(std::string_view row_key, std::string_view value)
{
    if (Outcome problem = set(row_key, value))
        command.ask.push_back(problem->message);
}

TrainingChoice* LaunchReading::training()
{
    Scenario& scenario = command.scenario;
    return table->task == "fine_tune" ? &scenario.fine_tune : table->task == "train" ? &scenario.train : nullptr;
}

std::string key_named_after(const FlagTable& table, std::string_view engine, const std::string& name)
{
    const std::string key = (table.engine.empty() ? table.task + "." : std::string("inference.")) + name;
    const ScenarioField* field = field_named(key);
    if (field == nullptr || field->key != key)
        return {};
    const FlagKind kind = table.find(name);
    const bool is_others = !field->engines.empty() && !contains(field->engines, engine);
    const bool may_be_by_chance = kind.is_known && !kind.has_effect && field->engines.empty();
    return is_others || may_be_by_chance ? std::string() : key;
}

std::optional<bool> truth_of(std::string_view text)
{
    for (const std::string_view yes : {"true", "yes", "on", "1"})
        if (equal_ignoring_case(text, yes))
            return true;
    for (const std::string_view no : {"false", "no", "off", "0"})
        if (equal_ignoring_case(text, no))
            return false;
    return std::nullopt;
}

std::vector<std::string> items_of(std::string_view text)
{
    std::vector<std::string> items;
    if (text.starts_with('[')) {
        const nlohmann::ordered_json list = literal(text);
        if (list.is_array()) {
            for (const auto& item : list)
                items.push_back(value_text(item));
            return items;
        }
    }
    std::string item;
    for (const char letter : text) {
        if (letter != ',' && letter != ' ') {
            item += letter;
            continue;
        }
        if (!item.empty())
            items.push_back(std::exchange(item, {}));
    }
    if (!item.empty())
        items.push_back(std::move(item));
    return items;
}

LaunchCommand interpret_launch(const Launch& launch)
{
    LaunchReading reading;
    reading.launch = &launch;
    reading.table = flag_table(launch.table);
    reading.command.kind = launch.is_file ? "config_file" : "command";
    reading.command.tool = launch.tool;
    reading.command.version = launch.version;
    reading.command.ask = launch.notes;
    set_task(reading);
    for (const Setting& setting : launch.settings)
        if (setting.name == "model_dir")
            reading.model_folder = setting.value.value_or("");
    read_positional(reading);
    read_all(reading);
    if (reading.training() != nullptr)
        finish_training(reading);
    else
        finish_serving(reading);
    if (!reading.model_is_named)
        reading.command.ask.emplace_back("the model");
    reading.command.ask.emplace_back("the GPUs");
    return std::move(reading.command);
}

Result<LaunchCommand> read_launch(std::string_view text)
{
    const auto launch = recognise_launch(in_utf8(text));
    if (!launch)
        return launch.error();
    if (flag_table(launch->table) == nullptr)
        return Error{"", "the flags of " + launch->tool + " are not known"};
    return interpret_launch(*launch);
}

nlohmann::ordered_json launch_json(const LaunchCommand& command)
{
    nlohmann::ordered_json root;
    root["kind"] = command.kind;
    root["tool"] = command.tool;
    root["version"] = command.version.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(command.version);
    root["flags"] = nlohmann::ordered_json::array();
    for (const LaunchFlag& flag : command.flags) {
        nlohmann::ordered_json row;
        row["flag"] = flag.flag;
        row["value"] = flag.value;
        row["read"] = read_name(flag.read);
        row["key"] = flag.key.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(flag.key);
        row["note"] = flag.note;
        root["flags"].push_back(std::move(row));
    }
    root["ask"] = command.ask;
    return root;
}

std::string launch_text(const LaunchCommand& command)
{
    std::string text = command.tool + (command.version.empty() ? "" : " " + command.version) + "\n\n";
    for (const LaunchFlag& flag : command.flags) {
        std::string line = "  " + std::string(read_name(flag.read));
        line.resize(13, ' ');
        line += flag.flag + (flag.value.empty() ? "" : " " + flag.value);
        if (!flag.key.empty())
            line += "  ->  " + flag.key;
        if (!flag.note.empty())
            line += "  (" + flag.note + ")";
        text += line + '\n';
    }
    if (!command.ask.empty())
        text += "\nNot said:\n";
    for (const std::string& question : command.ask)
        text += "  " + question + '\n';
    return text;
}

} // namespace weighbridge
