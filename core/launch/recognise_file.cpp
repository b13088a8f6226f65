#include "core/launch/recognise.h"

#include "core/launch/shell_words.h"
#include "core/launch/structured_text.h"
#include "core/quantity/nearest.h"
#include "core/quantity/text.h"
#include "core/sources/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace weighbridge {

namespace {

using nlohmann::ordered_json;

/// A kind of configuration file, by entries that only it has: any of these.
struct FileKind
{
    std::string_view tool;
    std::string_view table;
    std::vector<std::string_view> marks;
};

const std::vector<FileKind>& file_kinds()
{
    // In the order in which a file that has entries of several is meant.
    static const std::vector<FileKind> kinds = {
        {"axolotl", "hf", {"base_model"}},
        {"llama-factory", "hf", {"finetuning_type", "cutoff_len", "dataset_dir", "quantization_bit"}},
        {"torchtune", "torchtune", {"model._component_", "checkpointer._component_", "tokenizer._component_"}},
        {"accelerate", "accelerate", {"distributed_type", "compute_environment", "num_processes"}},
        {"deepspeed", "deepspeed", {"zero_optimization.stage", "train_micro_batch_size_per_gpu", "train_batch_size"}},
        {"torchtitan",
         "torchtitan",
         {"training.local_batch_size", "training.seq_len", "parallelism.tensor_parallel_degree", "training.batch_size",
          "model.flavor"}},
        {"tabbyapi", "tabbyapi", {"model.model_dir", "model.model_name", "model.cache_mode"}},
        {"mlx-lm", "mlx-lm-lora", {"lora_parameters.rank", "fine_tune_type", "lora_parameters.keys"}},
        {"tensorrt-llm",
         "tensorrt-llm",
         {"kv_cache_config.free_gpu_memory_fraction", "cuda_graph_config.max_batch_size", "kv_cache_config.dtype",
          "enable_attention_dp", "kv_cache_config.enable_block_reuse"}},
        {"ms-swift", "hf", {"tuner_type", "train_type", "rlhf_type"}},
        {"trl", "hf", {"model_name_or_path", "dataset_name"}},
    };
    return kinds;
}

/// The entry's name as the tables have it: without a file's own sections, "-" as "_".
std::string entry_name(const Launch& launch, std::string name)
{
    if (launch.table == "tabbyapi") {
        // draft_model.draft_model_dir -> draft_model_dir
        if (const std::size_t dot = name.rfind('.'); dot != std::string::npos)
            name.erase(0, dot + 1);
    }
    if (launch.table == "vllm" || launch.table == "sglang" || launch.table == "tensorrt-llm" ||
        launch.table == "mlx-lm")
        std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

/// What an inference engine reads as a file of its flags ("tensor-parallel-size: 2"): the one that knows most of them.
std::optional<FileKind> kind_by_flags(const ordered_json& root)
{
    std::string_view best;
    std::size_t most = 1;
    for (const std::string_view tool : {"vllm", "sglang", "tensorrt-llm", "lmdeploy"}) {
        std::size_t known = 0;
        for (const auto& [name, value] : root.items()) {
            std::string plain = name;
            std::replace(plain.begin(), plain.end(), '-', '_');
            known += flag_table(tool)->find(plain).is_known ? 1U : 0U;
        }
        if (known > most) {
            most = known;
            best = tool;
        }
    }
    if (best.empty() || most * 2 < root.size())
        return std::nullopt;
    return FileKind{best, best, {}};
}

std::optional<FileKind> kind_of(const ordered_json& root)
{
    const auto entries = leaves(root);
    for (const FileKind& kind : file_kinds())
        if (std::any_of(entries.begin(), entries.end(),
                        [&](const auto& entry) { return contains(kind.marks, entry.first); }))
            return kind;
    return kind_by_flags(root);
}

bool is_switch_value(const ordered_json& value)
{
    return value.is_boolean();
}

Launch launch_of_file(const FileKind& kind, const ordered_json& root)
{
    Launch launch;
    launch.tool = kind.tool;
    launch.table = kind.table;
    launch.program = "file";
    launch.is_file = true;
    add_entries(launch, root);
    return launch;
}

std::vector<std::pair<std::string, std::string>> environment_of(const ordered_json& service)
{
    std::vector<std::pair<std::string, std::string>> variables;
    for (const char* name : {"environment", "env"}) {
        const auto found = service.find(name);
        if (found == service.end())
            continue;
        if (found->is_object())
            for (const auto& [variable, value] : found->items())
                variables.emplace_back(variable, value_text(value));
        if (!found->is_array())
            continue;
        for (const ordered_json& item : *found) {
            const std::string text = value_text(item);
            if (item.is_object() && item.contains("name")) // Kubernetes
                variables.emplace_back(value_text(item.at("name")),
                                       item.contains("value") ? value_text(item.at("value")) : "");
            else if (const std::size_t equals = text.find('='); equals != std::string::npos)
                variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return variables;
}

/// The words of `entrypoint`, `command` and `args`, each a list or one text.
std::vector<std::string> words_of_service(const ordered_json& service)
{
    std::vector<std::string> words;
    for (const char* name : {"entrypoint", "command", "args"}) {
        const auto found = service.find(name);
        if (found == service.end())
            continue;
        if (found->is_array()) {
            for (const ordered_json& item : *found)
                words.push_back(value_text(item));
        } else if (const auto commands = shell_commands(value_text(*found)); commands) {
            for (const ShellCommand& command : *commands) // a folded text may have kept its lines
                words.insert(words.end(), command.words.begin(), command.words.end());
        }
    }
    // ["sh", "-c", "vllm serve ..."]
    if (words.size() > 2 && words[1] == "-c")
        if (const auto commands = shell_commands(words[2]); commands && !commands->empty())
            return commands->back().words;
    return words;
}

/// GPUs that compose reserves: "count: 2", "device_ids: ['0', '1']".
void add_reserved(Launch& launch, const ordered_json& service)
{
    for (const auto& [name, value] : leaves(service)) {
        if (!name.ends_with("reservations.devices") || !value.is_array())
            continue;
        for (const ordered_json& device : value)
            if (device.is_object() && (device.contains("count") || device.contains("device_ids"))) {
                const ordered_json& said = device.contains("device_ids") ? device.at("device_ids") : device.at("count");
                launch.settings.push_back({name, "docker --gpus", value_text(said)});
            }
    }
}

/// The first service or container whose command is known.
std::optional<Launch> launch_of_service(const ordered_json& node, int depth)
{
    constexpr int deepest_container = 12;
    if (depth > deepest_container)
        return std::nullopt;
    if (node.is_object() && node.contains("image")) {
        auto launch = launch_of_words(words_of_service(node), environment_of(node), value_text(node.at("image")));
        if (launch) {
            add_reserved(*launch, node);
            return launch;
        }
    }
    if (node.is_structured())
        for (const ordered_json& member : node)
            if (auto launch = launch_of_service(member, depth + 1))
                return launch;
    return std::nullopt;
}

/// Whether a text may be TOML: a line that is a section's head.
bool has_section(std::string_view text)
{
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = trimmed(text.substr(begin, end - begin));
        begin = end + 1;
        if (line.size() > 2 && line.front() == '[' && line.back() == ']' &&
            line.find_first_of(" ,\"'") == std::string_view::npos)
            return true;
    }
    return false;
}

} // namespace

/// Ollama's Modelfile: NAME VALUE, PARAMETER NAME VALUE, texts between triple quotes.
std::optional<Launch> launch_of_modelfile(std::string_view text)
{
    Launch launch;
    launch.tool = "ollama";
    launch.table = "ollama";
    launch.program = "Modelfile";
    launch.is_file = true;
    bool has_model = false;
    bool in_text = false;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line = trimmed(text.substr(begin, end - begin));
        begin = end + 1;
        const std::size_t quotes = line.find("\"\"\"");
        const bool opens =
            quotes != std::string_view::npos && line.find("\"\"\"", quotes + 3) == std::string_view::npos;
        if (in_text) {
            in_text = !opens;
            continue;
        }
        // "# server: OLLAMA_NUM_PARALLEL=4", and the same without a comment
        if (const std::size_t variable = line.find("OLLAMA_"); variable != std::string_view::npos) {
            const std::string_view rest = line.substr(variable);
            if (const std::size_t equals = rest.find('='); equals != std::string_view::npos) {
                const std::string name(rest.substr(0, equals));
                std::string value(rest.substr(equals + 1));
                value = value.substr(0, value.find(' '));
                value.erase(std::remove(value.begin(), value.end(), '"'), value.end());
                launch.settings.push_back({name, name, value, true});
                continue;
            }
        }
        if (line.empty() || line.front() == '#')
            continue;
        const std::size_t blank = std::min(line.find_first_of(" \t"), line.size());
        std::string word(line.substr(0, blank));
        std::string_view rest = trimmed(line.substr(blank));
        std::transform(word.begin(), word.end(), word.begin(),
                       [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
        if (!has_model && word != "FROM")
            return std::nullopt;
        if (word == "FROM" && rest.empty())
            return std::nullopt;
        if (word == "FROM")
            has_model = true;
        if (word == "PARAMETER") {
            const std::size_t next = std::min(rest.find_first_of(" \t"), rest.size());
            const std::string name(rest.substr(0, next));
            launch.settings.push_back({"PARAMETER " + name, name, std::string(trimmed(rest.substr(next)))});
            continue;
        }
        in_text = opens;
        launch.settings.push_back({word, word, in_text ? std::string() : std::string(rest)});
    }
    return has_model ? std::optional(std::move(launch)) : std::nullopt;
}

void add_entries(Launch& launch, const ordered_json& root)
{
    for (const auto& [path, value] : leaves(root)) {
        std::string name = entry_name(launch, path);
        const FlagTable* table = flag_table(launch.table);
        // Objects whose members have no rows of their own are one value.
        const std::size_t dot = name.find('.');
        if (table != nullptr && dot != std::string::npos && !table->find(name).is_known &&
            table->find(name.substr(0, dot)).is_known) {
            const std::string outer = name.substr(0, dot);
            auto found = std::find_if(launch.settings.begin(), launch.settings.end(),
                                      [&](const Setting& setting) { return setting.name == outer; });
            ordered_json object =
                found != launch.settings.end() ? literal(found->value.value_or("")) : ordered_json::object();
            if (!object.is_object())
                object = ordered_json::object();
            object[name.substr(dot + 1)] = value;
            if (found != launch.settings.end())
                found->value = object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
            else
                launch.settings.push_back(
                    {outer, outer, object.dump(-1, ' ', false, ordered_json::error_handler_t::replace)});
            continue;
        }
        Setting setting{path, std::move(name), value_text(value)};
        if (is_switch_value(value) && value.get<bool>() && table != nullptr && table->find(setting.name).is_switch)
            setting.value = "true";
        launch.settings.push_back(std::move(setting));
    }
}

std::optional<Result<Launch>> recognise_file(std::string_view text)
{
    const std::string_view plain = trimmed(text);
    if (plain.empty())
        return std::nullopt;
    ordered_json root;
    if (plain.front() == '{') {
        const auto read = parse_json(plain, "the file");
        if (!read)
            return Result<Launch>(read.error());
        root = ordered_json(*read);
    } else if (auto modelfile = launch_of_modelfile(plain)) {
        return Result<Launch>(std::move(*modelfile));
    } else if (has_section(plain)) {
        const auto read = parse_toml(text);
        if (!read)
            return std::nullopt;
        root = *read;
    } else {
        const auto read = parse_yaml(text);
        if (!read)
            return std::nullopt;
        root = *read;
    }
    if (!root.is_object() || root.empty())
        return std::nullopt;
    if (root.contains("services") || root.contains("spec") || root.contains("containers"))
        if (auto launch = launch_of_service(root, 0))
            return Result<Launch>(std::move(*launch));
    if (const auto kind = kind_of(root))
        return Result<Launch>(launch_of_file(*kind, root));
    return std::nullopt;
}

namespace {

/// "# vllm 0.11.0" in the first line: which version the rest is for.
std::string version_in_comment(std::string_view text)
{
    const std::string_view line = trimmed(text.substr(0, text.find('\n')));
    const std::size_t blank = line.rfind(' ');
    constexpr std::size_t longest = 24;
    if (!line.starts_with("# ") || blank == std::string_view::npos || blank < 3 || line.size() - blank > longest)
        return {};
    const std::string_view version = line.substr(blank + 1);
    const std::string_view tool = line.substr(2, blank - 2);
    const bool numbered =
        std::any_of(version.begin(), version.end(), [](unsigned char letter) { return std::isdigit(letter) != 0; });
    return numbered && tool.find(' ') == std::string_view::npos ? std::string(version) : std::string();
}

} // namespace

Result<Launch> recognise_launch(std::string_view text)
{
    constexpr std::size_t longest = std::size_t{1} << 20U;
    if (text.size() > longest)
        return Error{"", "the text is longer than 1 MiB: no command and no configuration file"};
    // The list under a container's `command` would read like a shell's lines.
    if (has_part(text, {"services:\n", "containers:\n", "apiVersion:"}))
        if (auto launch = recognise_file(text))
            return std::move(*launch);
    for (const auto recognise : {recognise_python, recognise_command, recognise_file})
        if (auto launch = recognise(text)) {
            if (*launch && (*launch)->version.empty())
                (*launch)->version = version_in_comment(text);
            return std::move(*launch);
        }
    return Error{"", "the text is no command or file that is known here: it may be vllm serve, SGLang, llama-server, "
                     "Ollama, mlx_lm, TabbyAPI, trtllm-serve, LMDeploy, TRL, Axolotl, LLaMA-Factory, torchtune, "
                     "torchtitan, accelerate, DeepSpeed, Megatron, ms-swift or Unsloth"};
}

} // namespace weighbridge
