#include "core/launch/writing.h"

#include "core/launch/structured_text.h"
#include "core/quantity/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

namespace weighbridge {

namespace {

using nlohmann::ordered_json;

std::string shell_quoted(const std::string& text)
{
    const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char letter) {
        return std::isalnum(letter) != 0 ||
               std::string_view("_-./:=,@%+").find(static_cast<char>(letter)) != std::string_view::npos;
    });
    if (plain)
        return text;
    std::string quoted = "'";
    for (const char letter : text)
        quoted += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    return quoted + "'";
}

/// "max_model_len" is --max-model-len, or --max_model_len as the tool has it; "-ngl" stays.
std::string written_flag(const LaunchWriting& writing, std::string name)
{
    if (name.starts_with('-'))
        return name;
    if (writing.table->spelling != "--a_b")
        std::replace(name.begin(), name.end(), '_', '-');
    return "--" + name;
}

/// Whether the tool's truth values are words behind their flag: "--packing True".
bool says_truth(const LaunchWriting& writing)
{
    return writing.table->tool == "hf";
}

std::vector<std::string> values_of(const LaunchWriting& writing, const WrittenEntry& entry)
{
    if (!entry.value->is_array())
        return {value_text(*entry.value)};
    std::vector<std::string> items;
    for (const ordered_json& item : *entry.value)
        items.push_back(value_text(item));
    if (writing.table->tool == "llama.cpp" && entry.name != "override_tensor")
        return {joined(items, ",")};
    return items;
}

/// Every flag with its values as words.
std::vector<std::vector<std::string>> flag_words(const LaunchWriting& writing)
{
    std::vector<std::vector<std::string>> lines;
    for (const WrittenEntry& entry : writing.entries) {
        const std::string flag = written_flag(writing, entry.name);
        if (!entry.value || (entry.value->is_boolean() && entry.value->get<bool>() && !says_truth(writing))) {
            lines.push_back({flag});
        } else if (entry.value->is_boolean() && !says_truth(writing)) {
            lines.push_back({written_flag(writing, "no_" + entry.name)});
        } else if (entry.value->is_boolean()) {
            lines.push_back({flag, entry.value->get<bool>() ? "True" : "False"});
        } else if (entry.value->is_array() && entry.name == "override_tensor") {
            for (const std::string& value : values_of(writing, entry))
                lines.push_back({flag, value});
        } else {
            std::vector<std::string> line = {flag};
            for (std::string& value : values_of(writing, entry))
                line.push_back(std::move(value));
            lines.push_back(std::move(line));
        }
    }
    return lines;
}

/// The command of lines that are joined.
std::string joined_lines(const std::string& head, const std::vector<std::vector<std::string>>& lines)
{
    std::string text = head;
    for (const std::vector<std::string>& line : lines) {
        text += " \\\n ";
        for (const std::string& word : line)
            text += " " + shell_quoted(word);
    }
    return text + "\n";
}

std::int64_t gpus(const LaunchWriting& writing)
{
    return writing.scenario->hardware.count.value_or(0);
}

std::string visible_devices(std::int64_t count)
{
    std::string list;
    for (std::int64_t i = 0; i < count; ++i)
        list += (i == 0 ? "" : ",") + std::to_string(i);
    return "CUDA_VISIBLE_DEVICES=" + list + " ";
}

/// Processes of the layout, as far as the tool can say it.
std::int64_t ranks_of(const LaunchWriting& writing)
{
    const HardwareChoice& hardware = writing.scenario->hardware;
    std::int64_t ranks = std::max<std::int64_t>(1, hardware.data_parallel);
    for (const auto& [key, count] : {std::pair{"hardware.tensor_parallel", hardware.tensor_parallel},
                                     {"hardware.pipeline_parallel", hardware.pipeline_parallel},
                                     {"hardware.context_parallel", hardware.context_parallel}})
        if (!contains(writing.written.cant_say, key))
            ranks *= std::max<std::int64_t>(1, count);
    return ranks;
}

// ---- serving

std::string serving_head(const LaunchWriting& writing)
{
    const std::string model = shell_quoted(writing.model);
    const std::string& tool = writing.tool;
    const bool is_hub = writing.scenario->model.kind != ModelReference::Kind::path;
    if (tool == "vllm")
        return "vllm serve " + model;
    if (tool == "sglang")
        return "python3 -m sglang.launch_server --model-path " + model;
    if (tool == "llama.cpp" || tool == "ik_llama.cpp")
        return (tool == "llama.cpp" ? "llama-server " : "./ik_llama.cpp/build/bin/llama-server ") +
               std::string(is_hub ? "-hf " : "-m ") + model;
    if (tool == "mlx")
        return "mlx_lm.server --model " + model;
    if (tool == "tensorrt-llm")
        return "trtllm-serve " + model;
    return "lmdeploy serve api_server " + model;
}

std::string version_line(const LaunchWriting& writing)
{
    const std::string& version = writing.written.version;
    return version.empty() ? "" : "# " + writing.tool + " " + version + "\n";
}

/// TensorRT-LLM takes what has a dot in its name from a file.
std::string extra_file(LaunchWriting& writing)
{
    ordered_json file = ordered_json::object();
    const auto is_nested = [](const WrittenEntry& entry) { return entry.name.find('.') != std::string::npos; };
    for (const WrittenEntry& entry : writing.entries)
        if (is_nested(entry)) {
            const std::size_t dot = entry.name.find('.');
            file[entry.name.substr(0, dot)][entry.name.substr(dot + 1)] = entry.value.value_or(true);
        }
    writing.entries.erase(std::remove_if(writing.entries.begin(), writing.entries.end(), is_nested),
                          writing.entries.end());
    if (file.empty())
        return {};
    std::string text;
    for (const auto& [section, members] : file.items()) {
        text += section + ":\n";
        for (const auto& [name, value] : members.items())
            text += "  " + name + ": " + value.dump() + "\n";
    }
    writing.written.files.emplace_back("extra.yml", text);
    return text;
}

void write_serving(LaunchWriting& writing)
{
    std::string extra;
    if (writing.tool == "tensorrt-llm")
        extra = extra_file(writing);
    auto lines = flag_words(writing);
    if (!extra.empty())
        lines.push_back({"--extra_llm_api_options", "extra.yml"});
    const std::string head = (gpus(writing) > 0 ? visible_devices(gpus(writing)) : "") + serving_head(writing);
    writing.written.text = version_line(writing) + joined_lines(head, lines);
    if (!extra.empty())
        writing.written.text += "# extra.yml:\n" + extra;
}

// ---- containers

std::string image_of(const LaunchWriting& writing)
{
    const std::string& version = writing.written.version;
    const bool numbered = version.find('.') != std::string::npos;
    if (writing.tool == "vllm")
        return "vllm/vllm-openai:" + (numbered ? "v" + version : "latest");
    if (writing.tool == "sglang")
        return "lmsysorg/sglang:" + (numbered ? "v" + version : "latest");
    if (writing.tool == "llama.cpp")
        return "ghcr.io/ggml-org/llama.cpp:server-cuda" + (version.starts_with('b') ? "-" + version : "");
    if (writing.tool == "tensorrt-llm")
        return "nvcr.io/nvidia/tensorrt-llm/release:" + (numbered ? version : "latest");
    return "openmmlab/lmdeploy:" + (numbered ? "v" + version : "latest");
}

/// The words behind the image: some images start the server themselves.
std::vector<std::string> container_words(const LaunchWriting& writing)
{
    std::vector<std::string> words;
    if (writing.tool == "vllm")
        words = {"--model", writing.model};
    else if (writing.tool == "llama.cpp")
        words = {writing.scenario->model.kind == ModelReference::Kind::path ? "-m" : "-hf", writing.model};
    else if (writing.tool == "sglang")
        words = {"python3", "-m", "sglang.launch_server", "--model-path", writing.model};
    else if (writing.tool == "tensorrt-llm")
        words = {"trtllm-serve", writing.model};
    else
        words = {"lmdeploy", "serve", "api_server", writing.model};
    for (const auto& line : flag_words(writing))
        words.insert(words.end(), line.begin(), line.end());
    return words;
}

void write_docker(LaunchWriting& writing)
{
    std::string text = "docker run --gpus " + (gpus(writing) > 0 ? std::to_string(gpus(writing)) : "all") +
                       " --ipc=host -p 8000:8000 \\\n  " + image_of(writing) + " \\\n ";
    for (const std::string& word : container_words(writing))
        text += " " + shell_quoted(word);
    writing.written.text = text + "\n";
}

std::string yaml_list(const std::vector<std::string>& words, const std::string& indent)
{
    std::string text;
    for (const std::string& word : words)
        text += indent + "- " + ordered_json(word).dump() + "\n";
    return text;
}

void write_compose(LaunchWriting& writing)
{
    std::string text =
        "services:\n  model:\n    image: " + image_of(writing) + "\n    ipc: host\n    ports:\n      - \"8000:8000\"\n";
    text += "    deploy:\n      resources:\n        reservations:\n          devices:\n            - driver: nvidia\n";
    text += "              count: " + (gpus(writing) > 0 ? std::to_string(gpus(writing)) : "all") +
            "\n              capabilities: [gpu]\n";
    writing.written.text = text + "    command:\n" + yaml_list(container_words(writing), "      ");
    writing.written.files.emplace_back("compose.yaml", writing.written.text);
}

void write_kubernetes(LaunchWriting& writing)
{
    std::string text =
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: model\nspec:\n  containers:\n    - name: model\n      image: " +
        image_of(writing) + "\n";
    if (gpus(writing) > 0)
        text += "      resources:\n        limits:\n          nvidia.com/gpu: " + std::to_string(gpus(writing)) + "\n";
    writing.written.text = text + "      args:\n" + yaml_list(container_words(writing), "        ");
    writing.written.files.emplace_back("pod.yaml", writing.written.text);
}

// ---- files

std::string yaml_value(const std::optional<ordered_json>& value)
{
    return value ? value->dump() : "true";
}

void write_modelfile(LaunchWriting& writing)
{
    const bool is_hub = writing.scenario->model.kind != ModelReference::Kind::path;
    std::string text = version_line(writing) + "FROM " + (is_hub ? "hf.co/" : "") + writing.model + "\n";
    std::string server;
    for (const WrittenEntry& entry : writing.entries) {
        const std::string value = entry.value ? value_text(*entry.value) : "true";
        if (entry.name.starts_with("OLLAMA_"))
            server += "# server: " + entry.name + "=" + value + "\n";
        else
            text += "PARAMETER " + entry.name + " " + value + "\n";
    }
    writing.written.text = text + server;
    writing.written.files.emplace_back("Modelfile", writing.written.text);
}

void write_tabby(LaunchWriting& writing)
{
    std::string folder = writing.model;
    std::string name = writing.model;
    if (const std::size_t slash = folder.rfind('/'); slash != std::string::npos) {
        name = folder.substr(slash + 1);
        folder.resize(slash);
    }
    std::string model =
        "model:\n  model_dir: " + ordered_json(folder).dump() + "\n  model_name: " + ordered_json(name).dump() + "\n";
    std::string draft;
    for (const WrittenEntry& entry : writing.entries)
        (entry.name.starts_with("draft_") ? draft : model) += "  " + entry.name + ": " + yaml_value(entry.value) + "\n";
    writing.written.text = version_line(writing) + model + (draft.empty() ? "" : "draft_model:\n" + draft);
    writing.written.files.emplace_back("config.yml", writing.written.text);
}

std::string yaml_file(const LaunchWriting& writing, const std::string& model_key)
{
    std::string text = model_key.empty() ? "" : model_key + ": " + ordered_json(writing.model).dump() + "\n";
    std::string section;
    for (const WrittenEntry& entry : writing.entries) {
        const std::size_t dot = entry.name.find('.');
        if (dot == std::string::npos) {
            text += entry.name + ": " + yaml_value(entry.value) + "\n";
        } else {
            if (entry.name.substr(0, dot) != section)
                text += entry.name.substr(0, dot) + ":\n";
            section = entry.name.substr(0, dot);
            text += "  " + entry.name.substr(dot + 1) + ": " + yaml_value(entry.value) + "\n";
        }
    }
    return text;
}

/// Members of one section stand together.
void sort_sections(LaunchWriting& writing)
{
    std::stable_sort(writing.entries.begin(), writing.entries.end(), [](const WrittenEntry& a, const WrittenEntry& b) {
        const auto section = [](const WrittenEntry& entry) {
            const std::size_t dot = entry.name.rfind('.');
            return dot == std::string::npos ? std::string() : entry.name.substr(0, dot);
        };
        return section(a) < section(b);
    });
}

void write_file_with_command(LaunchWriting& writing, const std::string& command, const std::string& name,
                             const std::string& file)
{
    writing.written.files.emplace_back(name, file);
    writing.written.text = version_line(writing) + command + "\n# " + name + ":\n" + file;
}

void write_axolotl(LaunchWriting& writing)
{
    const std::int64_t ranks = ranks_of(writing);
    const std::string processes = ranks > 1 ? " --num-processes " + std::to_string(ranks) : "";
    sort_sections(writing);
    write_file_with_command(writing, "axolotl train config.yml" + processes, "config.yml",
                            yaml_file(writing, "base_model"));
}

void write_llama_factory(LaunchWriting& writing)
{
    const std::int64_t ranks = ranks_of(writing);
    const std::string processes = ranks > 1 ? "FORCE_TORCHRUN=1 NPROC_PER_NODE=" + std::to_string(ranks) + " " : "";
    sort_sections(writing);
    write_file_with_command(writing, processes + "llamafactory-cli train config.yaml", "config.yaml",
                            yaml_file(writing, "model_name_or_path"));
}

void write_titan(LaunchWriting& writing)
{
    sort_sections(writing);
    std::string text;
    std::string section = "-";
    for (const WrittenEntry& entry : writing.entries) {
        const std::size_t dot = entry.name.rfind('.');
        const std::string own = dot == std::string::npos ? "" : entry.name.substr(0, dot);
        if (own != section)
            text += "[" + own + "]\n";
        section = own;
        text += entry.name.substr(dot == std::string::npos ? 0 : dot + 1) + " = " + yaml_value(entry.value) + "\n";
    }
    text = "[model]\nhf_assets_path = " + ordered_json(writing.model).dump() + "\n" + text;
    write_file_with_command(writing,
                            "NGPU=" + std::to_string(ranks_of(writing)) + " CONFIG_FILE=config.toml ./run_train.sh",
                            "config.toml", text);
}

void write_deepspeed_config(LaunchWriting& writing)
{
    ordered_json file = ordered_json::object();
    for (const WrittenEntry& entry : writing.entries) {
        ordered_json* at = &file;
        std::string name = entry.name;
        for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.')) {
            at = &(*at)[name.substr(0, dot)];
            name.erase(0, dot + 1);
        }
        (*at)[name] = entry.value.value_or(true);
    }
    writing.written.text = file.dump(2) + "\n";
    writing.written.files.emplace_back("ds_config.json", writing.written.text);
}

void write_accelerate(LaunchWriting& writing)
{
    sort_sections(writing);
    writing.written.text =
        "distributed_type: " +
        std::string(writing.scenario->fine_tune.fsdp || writing.scenario->train.fsdp ? "FSDP" : "MULTI_GPU") +
        "\nnum_processes: " + std::to_string(ranks_of(writing)) + "\n" + yaml_file(writing, "");
    writing.written.files.emplace_back("accelerate.yaml", writing.written.text);
}

void write_tune(LaunchWriting& writing)
{
    const TrainingChoice& choice = *writing.training();
    const bool many = ranks_of(writing) > 1 || choice.fsdp;
    if (many && !choice.fsdp) // its distributed recipes always shard
        writing.written.cant_say.push_back(writing.table->task + ".fsdp");
    const std::string recipe = std::string(choice.method == "full" ? "full" : "lora") + "_finetune_" +
                               (many ? "distributed" : "single_device");
    std::vector<std::vector<std::string>> lines = {{"checkpointer.checkpoint_dir=" + writing.model}};
    for (const WrittenEntry& entry : writing.entries)
        lines.push_back({entry.name + "=" + (entry.value ? value_text(*entry.value) : "true")});
    const std::string head = "tune run " + (many ? "--nproc_per_node " + std::to_string(ranks_of(writing)) + " " : "") +
                             recipe + " --config config.yaml";
    writing.written.text = version_line(writing) + joined_lines(head, lines);
}

void write_trainer(LaunchWriting& writing)
{
    const TrainingChoice& choice = *writing.training();
    const std::int64_t ranks = ranks_of(writing);
    auto lines = flag_words(writing);
    std::string head;
    if (writing.tool == "ms_swift") {
        const bool prefers = choice.trainer != "auto" && choice.trainer != "sft" && choice.trainer != "pretrain";
        head = (ranks > 1 ? "NPROC_PER_NODE=" + std::to_string(ranks) + " " : "") + "swift " +
               (prefers ? "rlhf" : "sft") + " --model " + shell_quoted(writing.model);
    } else if (writing.tool == "trl") {
        constexpr std::array commands = {"sft", "dpo", "kto", "grpo", "rloo", "reward"};
        const std::string trainer = choice.trainer == "auto" ? "sft" : choice.trainer;
        if (!contains(commands, trainer))
            writing.written.cant_say.push_back(writing.table->task + ".trainer");
        head = "trl " + std::string(contains(commands, trainer) ? trainer : "sft") + " --model_name_or_path " +
               shell_quoted(writing.model);
        if (ranks > 1)
            lines.push_back({"--num_processes", std::to_string(ranks)});
    } else {
        head = "torchrun --nproc_per_node " + std::to_string(ranks) + " train.py --model_name_or_path " +
               shell_quoted(writing.model);
    }
    writing.written.text = version_line(writing) + joined_lines(head, lines);
}

void write_megatron(LaunchWriting& writing)
{
    const std::int64_t ranks = ranks_of(writing);
    constexpr std::int64_t of_machine = 8;
    const bool many = ranks > of_machine && ranks % of_machine == 0;
    const std::string head = "torchrun --nproc_per_node " + std::to_string(many ? of_machine : ranks) +
                             (many ? " --nnodes " + std::to_string(ranks / of_machine) : "") +
                             " pretrain_gpt.py --load " + shell_quoted(writing.model);
    writing.written.text = version_line(writing) + joined_lines(head, flag_words(writing));
}

/// Unsloth is called from Python: arguments of three calls.
void write_unsloth(LaunchWriting& writing)
{
    constexpr std::array of_loading = {"max_seq_length", "load_in_4bit", "load_in_8bit"};
    constexpr std::array of_adapters = {"r", "target_modules", "lora_dropout", "use_gradient_checkpointing",
                                        "modules_to_save"};
    std::string loading = "    model_name = " + ordered_json(writing.model).dump() + ",\n";
    std::string adapters;
    std::string training;
    for (const WrittenEntry& entry : writing.entries) {
        if (entry.name == "use_peft")
            continue;
        std::string value = entry.value ? entry.value->dump() : "True";
        if (entry.value && entry.value->is_boolean())
            value = entry.value->get<bool>() ? "True" : "False";
        const std::string line = "    " + entry.name + " = " + value + ",\n";
        (contains(of_loading, entry.name) ? loading : contains(of_adapters, entry.name) ? adapters : training) += line;
    }
    std::string text =
        version_line(writing) +
        "from unsloth import FastLanguageModel\nmodel, tokenizer = FastLanguageModel.from_pretrained(\n" + loading +
        ")\n";
    const bool has_adapters = writing.training()->method != "full";
    if (has_adapters)
        text += "model = FastLanguageModel.get_peft_model(\n    model,\n" + adapters + ")\n";
    else
        training += adapters;
    writing.written.text = text + "args = SFTConfig(\n" + training + ")\n";
}

void write_mlx_lora(LaunchWriting& writing)
{
    writing.written.text =
        version_line(writing) +
        joined_lines("mlx_lm.lora --train --model " + shell_quoted(writing.model), flag_words(writing));
}

struct Form
{
    std::string_view tool;
    void (*write)(LaunchWriting&);
};

} // namespace

void write_text(LaunchWriting& writing)
{
    if (writing.container == "docker")
        return write_docker(writing);
    if (writing.container == "compose")
        return write_compose(writing);
    if (writing.container == "kubernetes")
        return write_kubernetes(writing);
    static constexpr std::array forms = {
        Form{"ollama", write_modelfile},      Form{"exllamav3", write_tabby},
        Form{"axolotl", write_axolotl},       Form{"llama_factory", write_llama_factory},
        Form{"torchtitan", write_titan},      Form{"deepspeed", write_deepspeed_config},
        Form{"accelerate", write_accelerate}, Form{"torchtune", write_tune},
        Form{"megatron", write_megatron},     Form{"unsloth", write_unsloth},
        Form{"trl", write_trainer},           Form{"hf_trainer", write_trainer},
        Form{"ms_swift", write_trainer}};
    if (writing.table->tool == "mlx-lm-lora")
        return write_mlx_lora(writing);
    for (const Form& form : forms)
        if (form.tool == writing.tool)
            return form.write(writing);
    write_serving(writing);
}

} // namespace weighbridge
