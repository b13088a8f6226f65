#include "core/launch/recognise.h"

#include "core/launch/shell_words.h"
#include "core/launch/structured_text.h"
#include "core/quantity/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace weighbridge {

namespace {

using Words = std::vector<std::string>;
using Environment = std::vector<std::pair<std::string, std::string>>;

/// What a command begins with, and whose flags follow.
struct Program
{
    std::string_view first;
    std::string_view second; ///< empty: none
    std::string_view tool;
    std::string_view table;
    std::string_view name = {}; ///< the setting that the second word is
};

constexpr std::array programs = {
    Program{"vllm", "serve", "vllm", "vllm"},
    Program{"vllm.entrypoints.openai.api_server", "", "vllm", "vllm"},
    Program{"vllm.entrypoints.api_server", "", "vllm", "vllm"},
    Program{"vllm.entrypoints.cli.main", "serve", "vllm", "vllm"},
    Program{"vllm", "bench", "vllm", "vllm"},
    Program{"trl", "vllm-serve", "vllm", "vllm"},
    Program{"sglang.launch_server", "", "sglang", "sglang"},
    Program{"sglang", "serve", "sglang", "sglang"},
    Program{"sglang.bench_one_batch", "", "sglang", "sglang"},
    Program{"sglang.bench_one_batch_server", "", "sglang", "sglang"},
    Program{"sglang.bench_offline_throughput", "", "sglang", "sglang"},
    Program{"sglang_router.launch_server", "", "sglang", "sglang"},
    Program{"llama-server", "", "llama.cpp", "llama.cpp"},
    Program{"llama-cli", "", "llama.cpp", "llama.cpp"},
    Program{"llama-bench", "", "llama.cpp", "llama.cpp"},
    Program{"llama-perplexity", "", "llama.cpp", "llama.cpp"},
    Program{"llama-sweep-bench", "", "llama.cpp", "llama.cpp"},
    Program{"llama-batched-bench", "", "llama.cpp", "llama.cpp"},
    Program{"llama-mtmd-cli", "", "llama.cpp", "llama.cpp"},
    Program{"llama-embedding", "", "llama.cpp", "llama.cpp"},
    Program{"llama-completion", "", "llama.cpp", "llama.cpp"},
    Program{"llama-speculative", "", "llama.cpp", "llama.cpp"},
    Program{"llama", "serve", "llama.cpp", "llama.cpp"},
    Program{"llama_cpp.server", "", "llama.cpp", "llama.cpp"},
    Program{"ollama", "run", "ollama", "ollama"},
    Program{"ollama", "serve", "ollama", "ollama"},
    Program{"ollama", "create", "ollama", "ollama"},
    Program{"mlx_lm.server", "", "mlx-lm", "mlx-lm"},
    Program{"mlx_lm.generate", "", "mlx-lm", "mlx-lm"},
    Program{"mlx_lm.chat", "", "mlx-lm", "mlx-lm"},
    Program{"mlx_vlm.server", "", "mlx-lm", "mlx-lm"},
    Program{"mlx_vlm.generate", "", "mlx-lm", "mlx-lm"},
    Program{"mlx_lm.lora", "", "mlx-lm", "mlx-lm-lora"},
    Program{"mlx_lm", "server", "mlx-lm", "mlx-lm"},
    Program{"mlx_lm", "generate", "mlx-lm", "mlx-lm"},
    Program{"mlx_lm", "lora", "mlx-lm", "mlx-lm-lora"},
    Program{"trtllm-serve", "serve", "tensorrt-llm", "tensorrt-llm"},
    Program{"trtllm-serve", "", "tensorrt-llm", "tensorrt-llm"},
    Program{"trtllm-build", "", "tensorrt-llm", "tensorrt-llm"},
    Program{"trtllm-bench", "", "tensorrt-llm", "tensorrt-llm"},
    Program{"trtllm-eval", "", "tensorrt-llm", "tensorrt-llm"},
    Program{"api_server", "", "lmdeploy", "lmdeploy"},
    Program{"lmdeploy", "chat", "lmdeploy", "lmdeploy"},
    Program{"trl", "sft", "trl", "hf", "stage"},
    Program{"trl", "dpo", "trl", "hf", "stage"},
    Program{"trl", "kto", "trl", "hf", "stage"},
    Program{"trl", "grpo", "trl", "hf", "stage"},
    Program{"trl", "rloo", "trl", "hf", "stage"},
    Program{"trl", "reward", "trl", "hf", "stage"},
    Program{"axolotl", "train", "axolotl", "hf"},
    Program{"axolotl.cli.train", "", "axolotl", "hf"},
    Program{"llamafactory-cli", "train", "llama-factory", "hf"},
    Program{"llamafactory", "train", "llama-factory", "hf"},
    Program{"swift", "sft", "ms-swift", "hf"},
    Program{"swift", "pt", "ms-swift", "hf", "stage"},
    Program{"swift", "rlhf", "ms-swift", "hf"},
    Program{"megatron", "sft", "ms-swift", "megatron"},
    Program{"megatron", "pt", "ms-swift", "megatron"},
    Program{"megatron", "rlhf", "ms-swift", "megatron"},
    Program{"tune", "run", "torchtune", "torchtune"},
    Program{"torchtitan.train", "", "torchtitan", "torchtitan"},
    Program{"run_train.sh", "", "torchtitan", "torchtitan"},
    Program{"run_llama_train.sh", "", "torchtitan", "torchtitan"},
};

/// The last part of a path, without ".exe".
std::string_view base_name(std::string_view word)
{
    if (const std::size_t slash = word.find_last_of("/\\"); slash != std::string_view::npos)
        word.remove_prefix(slash + 1);
    if (word.ends_with(".exe"))
        word.remove_suffix(4);
    return word;
}

bool is_flag(std::string_view word)
{
    return word.size() > 1 && word.front() == '-' && std::isdigit(static_cast<unsigned char>(word[1])) == 0 &&
           word[1] != '.';
}

/// "-1", or a value in braces: what stands behind a flag although it begins like one.
bool is_value(std::string_view word)
{
    return !is_flag(word);
}

bool is_truth(std::string_view word)
{
    constexpr std::array words = {"true", "false", "True", "False", "on", "off", "auto", "yes", "no", "0", "1"};
    return contains(words, word);
}

/// Reads flags and their values as the table says which take one.
class FlagReader
{
public:
    FlagReader(Launch& launch, const FlagTable& table) : launch_(launch), table_(table) {}

    void read(const Words& words, std::size_t begin)
    {
        for (at_ = begin; at_ < words.size(); ++at_) {
            const std::string& word = words[at_];
            if (is_flag(word))
                read_flag(words);
            else if (const std::size_t equals = word.find('='); takes_assignments() && equals != std::string::npos)
                launch_.settings.push_back({word.substr(0, equals), word.substr(0, equals), word.substr(equals + 1)});
            else
                launch_.positional.push_back(word);
        }
    }

private:
    bool takes_assignments() const { return table_.spelling == "yaml"; } // torchtune: batch_size=4

    void read_flag(const Words& words)
    {
        const std::string& word = words[at_];
        const std::size_t equals = word.find('=');
        const bool has_equals = equals != std::string::npos && word.find_first_of("{[ ") >= equals;
        const std::string flag = has_equals ? word.substr(0, equals) : word;
        Setting setting{flag, table_.completed(flag_name(flag)), {}};
        FlagKind kind = table_.find(setting.name);
        std::string member; // "--speculative-config.method"
        if (!kind.is_known)
            kind = find_dotted(setting.name, member);
        if (!kind.is_known && split_short(word, setting, has_equals)) {
            launch_.settings.push_back(std::move(setting));
            return;
        }
        if (has_equals)
            setting.value = word.substr(equals + 1);
        else if (at_ + 1 < words.size() && takes_next(kind, words[at_ + 1], !member.empty()))
            setting.value = words[++at_];
        // More values behind one flag: "--target_modules q_proj v_proj".
        const bool is_list = kind.row != nullptr && (kind.row->as == "list" || kind.row->as.starts_with("targets"));
        const bool is_other = kind.is_known && kind.row == nullptr && !kind.is_switch && !takes_assignments() &&
                              (table_.positional.empty() || !launch_.positional.empty());
        const bool may_have_more = (is_list || is_other) && setting.value && !has_equals;
        while (may_have_more && at_ + 1 < words.size() && is_value(words[at_ + 1]))
            setting.value->append(1, ' ').append(words[++at_]);
        if (!member.empty())
            merge_member(setting, member);
        else
            launch_.settings.push_back(std::move(setting));
    }

    bool takes_next(const FlagKind& kind, const std::string& next, bool is_member) const
    {
        if (kind.is_switch && !is_member)
            return is_truth(next);
        if (kind.is_known)
            return is_value(next) || next.starts_with("-1");
        return is_value(next) && table_.positional.empty() ? true : is_value(next);
    }

    /// The row of what stands before a dot: vLLM's JSON options are set member by member.
    FlagKind find_dotted(std::string& name, std::string& member) const
    {
        const std::size_t dot = name.find('.');
        if (dot == std::string::npos || dot == 0)
            return {};
        const FlagKind kind = table_.find(table_.completed(name.substr(0, dot)));
        if (!kind.is_known || kind.is_switch)
            return {};
        member = name.substr(dot + 1);
        name = kind.row != nullptr ? kind.row->name : name.substr(0, dot);
        return kind;
    }

    /// "-O3" is "-O 3".
    bool split_short(const std::string& word, Setting& setting, bool has_equals) const
    {
        if (word.starts_with("--") || word.size() < 3 || has_equals || !table_.find(word.substr(0, 2)).is_known ||
            std::isdigit(static_cast<unsigned char>(word[2])) == 0)
            return false;
        setting.name = word.substr(0, 2);
        setting.value = word.substr(2);
        return true;
    }

    /// Several "--x.a 1 --x.b 2" are one object.
    void merge_member(const Setting& setting, const std::string& member)
    {
        auto found = std::find_if(launch_.settings.begin(), launch_.settings.end(), [&](const Setting& known) {
            return known.name == setting.name && known.value && known.value->starts_with('{');
        });
        nlohmann::ordered_json object = nlohmann::ordered_json::object();
        if (found != launch_.settings.end())
            object = literal(*found->value);
        constexpr std::size_t most_members = 200;
        if (!object.is_object() || object.size() >= most_members) {
            launch_.settings.push_back({setting.flag, setting.flag, setting.value});
            return;
        }
        object[member] = setting.value ? literal(*setting.value) : nlohmann::ordered_json(true);
        if (found != launch_.settings.end()) {
            found->value = object.dump();
            return;
        }
        launch_.settings.push_back({setting.flag.substr(0, setting.flag.find('.')), setting.name, object.dump()});
    }

    Launch& launch_;
    const FlagTable& table_;
    std::size_t at_ = 0;
};

void add_environment(Launch& launch, const Environment& environment)
{
    for (const auto& [name, value] : environment)
        launch.settings.push_back({name, name, value, true});
}

/// "vllm/vllm-openai:v0.11.0" has its version in the tag, llama.cpp's "server-cuda-b6123" too.
std::string version_of_image(std::string_view image)
{
    const std::size_t colon = image.rfind(':');
    if (colon == std::string_view::npos || image.find('/', colon) != std::string_view::npos)
        return {};
    const std::string_view tag = image.substr(colon + 1);
    for (std::size_t i = 0; i < tag.size(); ++i) {
        const bool at_start = i == 0 || tag[i - 1] == '-' || tag[i - 1] == 'v';
        if (!at_start || (std::isdigit(static_cast<unsigned char>(tag[i])) == 0 && tag[i] != 'b'))
            continue;
        std::size_t end = i + (tag[i] == 'b' ? 1 : 0);
        while (end < tag.size() && (std::isdigit(static_cast<unsigned char>(tag[end])) != 0 ||
                                    (tag[end] == '.' && end + 1 < tag.size() &&
                                     std::isdigit(static_cast<unsigned char>(tag[end + 1])) != 0)))
            ++end;
        const std::string_view version = tag.substr(i, end - i);
        if ((version.starts_with('b') && version.size() > 3) || version.find('.') != std::string_view::npos)
            return std::string(version);
    }
    return {};
}

struct Image
{
    std::string_view part;
    std::string_view tool;
};

const Image* image_called(std::string_view image)
{
    static constexpr std::array<Image, 9> images = {{{"vllm", "vllm"},
                                                     {"sglang", "sglang"},
                                                     {"llama.cpp", "llama.cpp"},
                                                     {"llama-cpp", "llama.cpp"},
                                                     {"ollama", "ollama"},
                                                     {"tensorrt-llm", "tensorrt-llm"},
                                                     {"tensorrt_llm", "tensorrt-llm"},
                                                     {"lmdeploy", "lmdeploy"},
                                                     {"nemo", "megatron"}}};
    for (const Image& known : images)
        if (image.find(known.part) != std::string_view::npos)
            return &known;
    return nullptr;
}

/// Where a program stands among the words, or an old program of llama.cpp beside a model.
struct Found
{
    const Program* program = nullptr;
    std::size_t end = 0; ///< behind its words
};

Found program_in(const Words& words)
{
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view first = base_name(words[i]);
        for (const Program& program : programs)
            if (first == program.first &&
                (program.second.empty() || (i + 1 < words.size() && words[i + 1] == program.second)))
                return {&program, i + (program.second.empty() ? 1U : 2U)};
        const bool is_old = first == "server" || first == "main" || first == "llama";
        if (is_old && (contains(words, "-m") || contains(words, "--model") || contains(words, "-ngl"))) {
            static constexpr Program old{"server", "", "llama.cpp", "llama.cpp"};
            return {&old, i + 1};
        }
    }
    return {};
}

/// A script of Python behind a launcher, by its name and its flags.
struct Script
{
    std::string_view tool;
    std::string_view table;
    std::string_view stage;
};

std::optional<Script> script_called(std::string_view word, const Words& words)
{
    const std::string_view name = base_name(word);
    if (!name.ends_with(".py"))
        return std::nullopt;
    if (name.starts_with("pretrain_") || name.starts_with("finetune_gpt") ||
        contains(words, "--tensor-model-parallel-size"))
        return Script{"megatron", "megatron", {}};
    if (contains(words, "--finetuning_type") || contains(words, "--stage"))
        return Script{"llama-factory", "hf", {}};
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> trainers = {{{"sft", "sft"},
                                                                                               {"dpo", "dpo"},
                                                                                               {"grpo", "grpo"},
                                                                                               {"kto", "kto"},
                                                                                               {"orpo", "orpo"},
                                                                                               {"rloo", "rloo"},
                                                                                               {"reward", "reward"},
                                                                                               {"ppo", "ppo"}}};
    for (const auto& [part, stage] : trainers)
        if (name.find(part) != std::string_view::npos)
            return Script{"trl", "hf", stage};
    const bool trains = std::any_of(words.begin(), words.end(), [](const std::string& flag) {
        return flag.starts_with("--per_device_train_batch_size") || flag.starts_with("--deepspeed") ||
               flag.starts_with("--model_name_or_path") || flag.starts_with("--gradient_accumulation_steps");
    });
    return trains ? std::optional(Script{"hf_trainer", "hf", {}}) : std::nullopt;
}

/// torchrun, accelerate launch, deepspeed: how many processes there are.
void add_launcher(Launch& launch, const Words& words, std::size_t end)
{
    static constexpr std::array names = {
        "--nproc_per_node", "--nproc-per-node",  "--nnodes",        "--num_processes", "--num_machines",
        "--num_gpus",       "--num_nodes",       "--num-processes", "--num-gpus",      "--nproc-per-node",
        "--config_file",    "--mixed_precision", "--use_deepspeed", "--zero_stage",    "--deepspeed_config_file"};
    for (std::size_t i = 0; i < end; ++i) {
        const std::size_t equals = words[i].find('=');
        const std::string flag = words[i].substr(0, equals);
        if (!contains(names, flag))
            continue;
        Setting setting{flag, flag_name(flag), {}};
        if (equals != std::string::npos)
            setting.value = words[i].substr(equals + 1);
        else if (i + 1 < end && is_value(words[i + 1]))
            setting.value = words[i + 1];
        launch.settings.push_back(std::move(setting));
    }
}

std::optional<Launch> launch_of_script(const Words& words)
{
    static constexpr std::array launchers = {"torchrun", "accelerate", "deepspeed", "python", "python3", "uv", "srun"};
    if (words.empty() || !std::any_of(words.begin(), words.end(),
                                      [&](const std::string& word) { return contains(launchers, base_name(word)); }))
        return std::nullopt;
    for (std::size_t i = 0; i < words.size(); ++i)
        if (const auto script = script_called(words[i], words)) {
            Launch launch;
            launch.tool = script->tool;
            launch.table = script->table;
            launch.program = std::string(base_name(words.front())) + " " + std::string(base_name(words[i]));
            add_launcher(launch, words, i);
            if (!script->stage.empty())
                launch.settings.push_back({std::string(base_name(words[i])), "stage", std::string(script->stage)});
            FlagReader(launch, *flag_table(launch.table)).read(words, i + 1);
            return launch;
        }
    return std::nullopt;
}

/// Options of `docker run` that take a value.
bool takes_docker_value(std::string_view option)
{
    constexpr std::array options = {
        "-p",         "--publish",  "-v",           "--volume",       "-e",          "--env",        "--name",
        "--gpus",     "--shm-size", "--ipc",        "--network",      "--net",       "--entrypoint", "-w",
        "--workdir",  "--restart",  "--runtime",    "--device",       "--ulimit",    "--env-file",   "--mount",
        "-u",         "--user",     "--cap-add",    "--security-opt", "--group-add", "--label",      "-l",
        "--hostname", "-h",         "--add-host",   "--memory",       "-m",          "--cpus",       "--platform",
        "--pull",     "--log-opt",  "--log-driver", "--cpuset-cpus",  "--tmpfs",     "--pid"};
    return contains(options, option);
}

std::optional<Launch> launch_of_docker(const Words& words, const Environment& outside)
{
    const bool is_docker =
        !words.empty() && (contains(std::array{"docker", "podman", "nerdctl"}, base_name(words.front())) ||
                           (words.front() == "sudo" && words.size() > 1 && words[1] == "docker"));
    const auto run = std::find(words.begin(), words.end(), "run");
    if (!is_docker || run == words.end())
        return std::nullopt;
    Environment environment = outside;
    std::vector<Setting> options;
    auto word = run + 1;
    for (; word != words.end() && word->starts_with('-'); ++word) {
        const std::size_t equals = word->find('=');
        const std::string option = word->substr(0, equals);
        std::optional<std::string> value;
        if (equals != std::string::npos && option.starts_with("--"))
            value = word->substr(equals + 1);
        else if (takes_docker_value(*word) && word + 1 != words.end())
            value = *++word;
        const std::size_t assigned = value ? value->find('=') : std::string::npos;
        if ((option == "-e" || option == "--env") && assigned != std::string::npos) {
            environment.emplace_back(value->substr(0, assigned), value->substr(assigned + 1));
            continue;
        }
        if (option == "--gpus" && value) { // '"device=0,1"'
            std::string devices;
            std::copy_if(value->begin(), value->end(), std::back_inserter(devices),
                         [](char letter) { return letter != '"' && letter != '\''; });
            if (devices.starts_with("device="))
                devices.erase(0, 7);
            value = devices;
        }
        options.push_back({option, "docker " + option, value});
    }
    if (word == words.end())
        return std::nullopt;
    const std::string image = *word;
    auto launch = launch_of_words(Words(word + 1, words.end()), environment, image);
    if (launch)
        launch->settings.insert(launch->settings.begin(), options.begin(), options.end());
    return launch;
}

/// Where the lines of a configuration file begin behind a command ("# that file:"); the size where none do.
std::size_t tail_at(std::string_view text)
{
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = text.substr(begin, end - begin);
        const std::size_t colon = line.find(':');
        const bool is_name =
            colon != std::string_view::npos && colon > 0 &&
            std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon),
                        [](unsigned char letter) { return std::isalnum(letter) != 0 || letter == '_'; });
        const bool is_section =
            line.size() > 2 && line.front() == '[' && line.back() == ']' && line.find(' ') == std::string_view::npos;
        if (begin > 0 && (is_section || (is_name && (colon + 1 == line.size() || line[colon + 1] == ' '))))
            return begin;
        begin = end + 1;
    }
    return text.size();
}

/// Where the lines of a Modelfile begin behind a command; the size where none do.
std::size_t modelfile_at(std::string_view text)
{
    const std::size_t from = text.find("\nFROM ");
    return from == std::string_view::npos ? text.size() : from + 1;
}

/// Flags alone, as scripts collect them in a variable: of the tool that knows most of them.
std::optional<Launch> launch_of_flags(const Words& words, const Environment& environment)
{
    if (words.empty() || !words.front().starts_with("--"))
        return std::nullopt;
    const FlagTable* best = nullptr;
    std::size_t most = 2;
    for (const FlagTable& table : flag_tables()) {
        std::size_t known = 0;
        for (const std::string& word : words)
            known += is_flag(word) && table.find(flag_name(word.substr(0, word.find('=')))).row != nullptr ? 1U : 0U;
        if (known > most) {
            most = known;
            best = &table;
        }
    }
    if (best == nullptr)
        return std::nullopt;
    Launch launch;
    launch.tool = best->tool == "hf" ? "hf_trainer" : best->tool;
    launch.table = best->tool;
    launch.program = "flags";
    add_environment(launch, environment);
    FlagReader(launch, *best).read(words, 0);
    return launch;
}

} // namespace

std::optional<Launch> launch_of_words(const Words& words, const Environment& environment, std::string_view image)
{
    Launch launch;
    const Found found = program_in(words);
    std::size_t begin = found.end;
    if (found.program != nullptr) {
        launch.tool = found.program->tool;
        launch.table = found.program->table;
        launch.program = std::string(found.program->first) +
                         (found.program->second.empty() ? "" : " " + std::string(found.program->second));
    } else if (const Image* known = image_called(image); known != nullptr) {
        launch.tool = known->tool;
        launch.table = known->tool;
        launch.program = "container";
    } else if (auto script = launch_of_script(words)) {
        add_environment(*script, environment);
        return script;
    } else {
        return std::nullopt;
    }
    launch.version = image.empty() ? std::string() : version_of_image(image);
    add_environment(launch, environment);
    if (found.program != nullptr && !found.program->name.empty())
        launch.settings.push_back(
            {std::string(found.program->second), std::string(found.program->name), std::string(found.program->second)});
    if (found.program != nullptr && found.program->tool != std::string_view("vllm"))
        add_launcher(launch, words, begin - 1);
    FlagReader(launch, *flag_table(launch.table)).read(words, begin);
    // "tune run --nproc_per_node 2 full_finetune_distributed": the recipe says whether it shards.
    if (launch.table == "torchtune" && !launch.positional.empty()) {
        launch.settings.push_back({launch.positional.front(), "recipe", launch.positional.front()});
        launch.positional.erase(launch.positional.begin());
    }
    if (std::any_of(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(begin),
                    [](const std::string& word) { return word.find("ik_llama") != std::string::npos; }))
        launch.tool = "ik_llama.cpp";
    return launch;
}

std::optional<Result<Launch>> recognise_command(std::string_view text)
{
    const std::size_t model_file = modelfile_at(text);
    const std::size_t tail = std::min(tail_at(text), model_file);
    const auto commands = shell_commands(text.substr(0, tail));
    if (!commands)
        return std::nullopt; // a file in another language may well have an open quote
    Environment exported;
    for (const ShellCommand& command : *commands) {
        if (command.words.empty() || command.words == Words{"export"} || command.words == Words{"set"}) {
            exported.insert(exported.end(), command.environment.begin(), command.environment.end());
            continue;
        }
        Environment environment = exported;
        environment.insert(environment.end(), command.environment.begin(), command.environment.end());
        auto launch = launch_of_docker(command.words, environment);
        if (!launch)
            launch = launch_of_words(command.words, environment, {});
        if (!launch)
            launch = launch_of_flags(command.words, environment);
        if (!launch)
            continue;
        if (launch->tool == "ollama" && model_file < text.size()) {
            if (const auto file = launch_of_modelfile(text.substr(model_file))) {
                launch->settings.insert(launch->settings.end(), file->settings.begin(), file->settings.end());
                launch->positional.clear(); // the name that the model gets
            }
        } else if (tail < text.size()) {
            const bool is_toml = text[tail] == '[';
            if (const auto file = is_toml ? parse_toml(text.substr(tail)) : parse_yaml(text.substr(tail)))
                add_entries(*launch, *file);
        }
        return Result<Launch>(std::move(*launch));
    }
    return std::nullopt;
}

} // namespace weighbridge
