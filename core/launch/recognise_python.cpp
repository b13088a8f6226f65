#include "core/launch/recognise.h"

#include "core/launch/structured_text.h"
#include "core/quantity/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

namespace weighbridge {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_calls = 2000;
constexpr std::size_t longest_call = 20'000;

/// A call that configures: NAME(argument = literal, ...).
struct Call
{
    std::string name; ///< the last part: "from_pretrained" of "FastLanguageModel.from_pretrained"
    std::string whole;
    std::vector<std::pair<std::string, std::string>> arguments; ///< name, empty of the positional ones; text
};

bool is_word(char letter)
{
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}

std::string_view bare(std::string_view text)
{
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

/// Takes the arguments between the brackets apart, at commas outside of brackets, quotes and comments; the place behind
/// the closing bracket, 0 where there is none.
std::size_t read_arguments(std::string_view text, std::size_t open, Call& call)
{
    int depth = 0;
    char quote = '\0';
    std::string argument;
    const auto keep = [&] {
        const std::string_view whole = bare(argument);
        std::size_t equals = 0;
        while (equals < whole.size() && is_word(whole[equals]))
            ++equals;
        std::size_t sign = whole.find_first_not_of(' ', equals);
        const bool is_named = equals > 0 && sign != std::string_view::npos && whole[sign] == '=' &&
                              (sign + 1 >= whole.size() || whole[sign + 1] != '=');
        if (is_named)
            call.arguments.emplace_back(whole.substr(0, equals), bare(whole.substr(sign + 1)));
        else if (!whole.empty())
            call.arguments.emplace_back("", whole);
        argument.clear();
    };
    for (std::size_t i = open; i < text.size() && i - open < longest_call; ++i) {
        const char letter = text[i];
        if (quote != '\0') {
            argument += letter;
            if (letter == '\\' && i + 1 < text.size())
                argument += text[++i];
            else if (letter == quote)
                quote = '\0';
            continue;
        }
        if (letter == '#') {
            i = std::min(text.find('\n', i), text.size()) - 1;
            continue;
        }
        if (letter == '"' || letter == '\'')
            quote = letter;
        const int before = depth;
        depth += letter == '(' || letter == '[' || letter == '{'   ? 1
                 : letter == ')' || letter == ']' || letter == '}' ? -1
                                                                   : 0;
        if (depth == 0) {
            keep();
            return i + 1;
        }
        if (depth == 1 && letter == ',')
            keep();
        else if (before > 0)
            argument += letter;
    }
    return 0;
}

std::vector<Call> calls_in(std::string_view text)
{
    std::vector<Call> calls;
    std::size_t tried = 0;
    for (std::size_t open = text.find('('); open != std::string_view::npos && tried < most_calls;
         open = text.find('(', open + 1), ++tried) {
        std::size_t begin = open;
        while (begin > 0 && (is_word(text[begin - 1]) || text[begin - 1] == '.'))
            --begin;
        const std::string_view whole = text.substr(begin, open - begin);
        if (whole.empty() || std::isdigit(static_cast<unsigned char>(whole.front())) != 0)
            continue;
        Call call{std::string(whole.substr(whole.rfind('.') + 1)), std::string(whole), {}};
        if (read_arguments(text, open, call) > 0)
            calls.push_back(std::move(call));
    }
    return calls;
}

/// NAME = literal of single lines: what arguments refer to.
std::map<std::string, std::string> constants_in(std::string_view text)
{
    std::map<std::string, std::string> constants;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line = text.substr(begin, end - begin);
        begin = end + 1;
        line = line.substr(0, line.find(" #"));
        const std::size_t equals = line.find('=');
        const std::string_view name = bare(line.substr(0, equals));
        if (equals == std::string_view::npos || name.empty() || !std::all_of(name.begin(), name.end(), is_word))
            continue;
        const std::string_view value = bare(line.substr(equals + 1));
        if (!value.empty() && value.find('(') == std::string_view::npos && value.front() != '=' && value.back() != ',')
            constants[std::string(name)] = value;
    }
    return constants;
}

struct PythonCall
{
    std::string_view name;
    std::string_view tool;
    std::string_view table;
    std::string_view stage = {};
};

/// Calls that say which tool it is; of several the first row.
constexpr std::array python_calls = {PythonCall{"FastLanguageModel.from_pretrained", "unsloth", "hf"},
                                     PythonCall{"FastModel.from_pretrained", "unsloth", "hf"},
                                     PythonCall{"FastVisionModel.from_pretrained", "unsloth", "hf"},
                                     PythonCall{"SFTConfig", "trl", "hf", "sft"},
                                     PythonCall{"DPOConfig", "trl", "hf", "dpo"},
                                     PythonCall{"GRPOConfig", "trl", "hf", "grpo"},
                                     PythonCall{"KTOConfig", "trl", "hf", "kto"},
                                     PythonCall{"ORPOConfig", "trl", "hf", "orpo"},
                                     PythonCall{"CPOConfig", "trl", "hf", "cpo"},
                                     PythonCall{"RewardConfig", "trl", "hf", "reward"},
                                     PythonCall{"RLOOConfig", "trl", "hf", "rloo"},
                                     PythonCall{"PPOConfig", "trl", "hf", "ppo"},
                                     PythonCall{"SFTTrainer", "trl", "hf", "sft"},
                                     PythonCall{"TrainingArguments", "hf_trainer", "hf"},
                                     PythonCall{"Seq2SeqTrainingArguments", "hf_trainer", "hf"},
                                     PythonCall{"TurbomindEngineConfig", "lmdeploy", "lmdeploy"},
                                     PythonCall{"PytorchEngineConfig", "lmdeploy", "lmdeploy"},
                                     PythonCall{"sgl.Engine", "sglang", "sglang"},
                                     PythonCall{"sglang.Engine", "sglang", "sglang"},
                                     PythonCall{"AsyncEngineArgs", "vllm", "vllm"},
                                     PythonCall{"EngineArgs", "vllm", "vllm"},
                                     PythonCall{"LLM", "vllm", "vllm"},
                                     PythonCall{"Llama", "llama.cpp", "llama.cpp"}};

/// Calls of training whose arguments are settings too.
bool configures_training(const Call& call)
{
    constexpr std::array names = {"TrainingArguments",  "Seq2SeqTrainingArguments",
                                  "SFTConfig",          "DPOConfig",
                                  "GRPOConfig",         "KTOConfig",
                                  "ORPOConfig",         "CPOConfig",
                                  "RewardConfig",       "RLOOConfig",
                                  "PPOConfig",          "LoraConfig",
                                  "BitsAndBytesConfig", "from_pretrained",
                                  "get_peft_model",     "SFTTrainer"};
    return contains(names, call.name) || call.name.ends_with("Trainer");
}

/// Names that llama-cpp-python gives what the server calls otherwise, and other differences from the flags.
std::string argument_name(const Launch& launch, const Call& call, const std::string& name)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> llama = {
        {{"n_ctx", "ctx_size"},
         {"n_batch", "batch_size"},
         {"n_ubatch", "ubatch_size"},
         {"model_path", "model"},
         {"n_threads", "threads"},
         {"type_k", "cache_type_k"},
         {"type_v", "cache_type_v"},
         {"n_threads_batch", "threads_batch"},
         {"offload_kqv", "kv_offload"}}};
    if (launch.table == "llama.cpp")
        for (const auto& [written, flag] : llama)
            if (name == written)
                return std::string(flag);
    if (call.name == "from_pretrained" && (name == "pretrained_model_name_or_path" || name == "model_name"))
        return "model_name_or_path";
    return name;
}

/// Trainers take objects: their arguments are the calls themselves, or variables.
bool is_object(const std::string& value)
{
    return value.find('(') != std::string::npos;
}

void add_call(Launch& launch, const Call& call, const std::map<std::string, std::string>& constants)
{
    const bool loads = call.name == "from_pretrained";
    // Tokenizers and processors are loaded by the same name.
    if (loads &&
        (call.whole.find("Tokenizer") != std::string::npos || call.whole.find("Processor") != std::string::npos))
        return;
    bool first = true;
    for (const auto& [name, text] : call.arguments) {
        std::string value = text;
        if (const auto known = constants.find(value); known != constants.end())
            value = known->second;
        const bool is_model =
            name.empty() && first && (loads || call.name == "LLM" || call.name == "Llama" || call.name == "pipeline");
        first = false;
        if (name.empty() && !is_model)
            continue;
        const bool names_object =
            call.name.ends_with("Trainer") &&
            (name == "model" || name == "args" || name == "tokenizer" || name == "train_dataset" ||
             name == "eval_dataset" || name == "processing_class" || name == "peft_config" || name == "data_collator");
        if (names_object)
            continue;
        Setting setting{call.name + "." + (is_model ? "model" : name),
                        is_model
                            ? (launch.table == "hf"                           ? "model_name_or_path"
                               : flag_table(launch.table)->positional.empty() ? "model"
                                                                              : flag_table(launch.table)->positional)
                            : argument_name(launch, call, name),
                        value_text(literal(value))};
        if (is_object(value) && !value.starts_with('"') && !value.starts_with('\'')) {
            launch.notes.push_back(setting.flag + " is worked out by the program");
            setting.value = std::string();
        }
        launch.settings.push_back(std::move(setting));
        if (call.name == "LoraConfig" && launch.settings.back().name == "r")
            launch.settings.push_back({"LoraConfig", "use_peft", "true"});
    }
    if (call.name == "get_peft_model" && launch.tool == "unsloth")
        launch.settings.push_back({"get_peft_model", "use_peft", "true"});
}

} // namespace

std::optional<Result<Launch>> recognise_python(std::string_view text)
{
    const std::vector<Call> calls = calls_in(text);
    const PythonCall* found = nullptr;
    for (const PythonCall& known : python_calls) {
        if (std::any_of(calls.begin(), calls.end(), [&](const Call& call) {
                return known.name.find('.') != std::string_view::npos ? call.whole == known.name
                                                                      : call.name == known.name;
            })) {
            found = &known;
            break;
        }
    }
    if (found == nullptr)
        return std::nullopt;
    Launch launch;
    launch.tool = found->tool;
    launch.table = found->table;
    if (launch.tool == "vllm" && text.find("tensorrt_llm") != std::string_view::npos)
        launch.tool = launch.table = "tensorrt-llm";
    launch.program = "python";
    const auto constants = constants_in(text);
    if (!found->stage.empty())
        launch.settings.push_back({std::string(found->name), "stage", std::string(found->stage)});
    for (const Call& call : calls) {
        const bool of_serving = launch.table != "hf" && (call.name == found->name || call.whole == found->name ||
                                                         (launch.tool == "lmdeploy" && call.name == "pipeline") ||
                                                         (launch.tool == "tensorrt-llm" && call.name == "LLM"));
        if (of_serving || (launch.table == "hf" && configures_training(call)))
            add_call(launch, call, constants);
        // TensorRT-LLM's KvCacheConfig stands inside.
        if (launch.tool == "tensorrt-llm" && call.name == "KvCacheConfig")
            for (const auto& [name, value] : call.arguments)
                if (!name.empty())
                    launch.settings.push_back(
                        {"KvCacheConfig." + name, "kv_cache_config." + name, value_text(literal(value))});
    }
    return Result<Launch>(std::move(launch));
}

} // namespace weighbridge
