#include "core/accuracy/llama_cpp_runs.h"

#include "core/precision/gguf_mix.h"
#include "core/quantity/display.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace weighbridge {

namespace {

constexpr std::string_view engine_name = "llama.cpp";

/// Options that both kinds of records have.
Scenario llama_cpp_scenario(const Record& record)
{
    Scenario scenario;
    scenario.inference.engine = engine_name;
    scenario.inference.engine_version = record.text("engine_version");
    scenario.precision.kv_cache_k = record.text("kv_k");
    scenario.precision.kv_cache_v = record.text("kv_v");
    LlamaCppOptions& options = scenario.inference.llama_cpp;
    options.n_ctx = record.whole("n_ctx");
    options.n_ubatch = record.whole("n_ubatch");
    options.n_batch = std::max<std::int64_t>(2048, options.n_ubatch.value_or(512));
    options.n_seq_max = record.whole("n_seq_max");
    options.flash_attn = record.flag("flash_attn");
    options.swa_full = record.flag("swa_full");
    options.mla = record.whole("mla");
    return scenario;
}

std::string cells_text(const Record& record)
{
    const auto n_ctx = record.whole("n_ctx");
    const auto sequences = record.whole("n_seq_max");
    return joined_setup({n_ctx ? "n_ctx " + grouped(*n_ctx) : std::string(),
                         sequences.value_or(1) > 1 ? grouped(*sequences) + " sequences" : std::string()});
}

/// "K/V q8_0", nothing for the default.
std::string cache_text(const Record& record)
{
    const std::string k = record.text("kv_k");
    const std::string v = record.text("kv_v");
    if (k == "f16" && v == "f16")
        return {};
    return "KV " + (k == v ? k : k + "/" + v);
}

std::string devices_text(const Record& record)
{
    const std::int64_t gpus = record.whole("gpus").value_or(0);
    return gpus == 0 ? "CPU" : (gpus == 1 ? "1 GPU" : grouped(gpus) + " GPUs");
}

/// No figure here depends on the accelerator.
MeasuredRun run_of(const Record& record, Scenario scenario, ModelPointer model)
{
    MeasuredRun run{{}, {}, record.text("engine_version"), {}, record.text("source"), record, {}};
    run.question.scenario = std::move(scenario);
    run.question.model = std::move(model);
    if (const auto accelerator = Catalogue().find(HardwareChoice().accelerator))
        run.question.accelerator = *accelerator;
    return run;
}

} // namespace

std::string gguf_format_of_log(std::string_view file_type)
{
    struct Printed
    {
        std::string_view text; ///< llama_model_ftype_name() of both programs
        std::string_view mix;
    };
    static constexpr Printed types[] = {
        {"F16", "F16"},
        {"BF16", "BF16"},
        {"Q4_0", "Q4_0"},
        {"Q8_0", "Q8_0"},
        {"Q2_K - Medium", "Q2_K"},
        {"Q3_K - Small", "Q3_K_S"},
        {"Q3_K - Medium", "Q3_K_M"},
        {"Q3_K - Large", "Q3_K_L"},
        {"Q4_K - Small", "Q4_K_S"},
        {"Q4_K - Medium", "Q4_K_M"},
        {"Q5_K - Small", "Q5_K_S"},
        {"Q5_K - Medium", "Q5_K_M"},
        {"Q6_K", "Q6_K"},
        {"IQ4_NL - 4.5 bpw", "IQ4_NL"},
        {"IQ4_XS - 4.25 bpw", "IQ4_XS"},
    };
    const auto* found =
        std::find_if(std::begin(types), std::end(types), [&](const Printed& known) { return known.text == file_type; });
    return found == std::end(types) ? std::string() : "gguf:" + std::string(found->mix);
}

Result<MeasuredRun> read_llama_cpp_log(const Record& record, MeasuredModels& models)
{
    auto model = models.of_network("llama_cpp_networks.json", record.text("network"));
    if (!model)
        return model.error();
    Scenario scenario = llama_cpp_scenario(record);
    if (record.text("compute_on") == "cpu" || record.text("offloaded").starts_with("0/"))
        scenario.inference.llama_cpp.n_gpu_layers = 0;
    scenario.inference.llama_cpp.n_cpu_moe = record.whole("experts_on_cpu");
    if (const std::string format = gguf_format_of_log(record.text("quantization")); !format.empty())
        scenario.precision.weights = format;
    MeasuredRun run = run_of(record, std::move(scenario), std::move(*model));
    run.id = record.text("id");
    run.model = record.text("network");
    run.setup =
        joined_setup({record.text("quantization"), devices_text(record), cells_text(record), cache_text(record)});
    return run;
}

Result<MeasuredRun> read_llama_cpp_synthetic(const Record& record, MeasuredModels&)
{
    const std::string name = record.text("name");
    auto model = model_with_states(record.value("config"), record.value("states"), name);
    if (!model)
        return model.error();
    Scenario scenario = llama_cpp_scenario(record);
    scenario.inference.llama_cpp.n_gpu_layers = 0;
    scenario.inference.llama_cpp.front_end = "library";
    MeasuredRun run = run_of(record, std::move(scenario), std::move(*model));
    const std::string flash = record.flag("flash_attn").value_or(true) ? "" : "no flash attention";
    const std::string ubatch = "ubatch " + grouped(record.whole("n_ubatch").value_or(0));
    run.setup = joined_setup({cells_text(record), ubatch, cache_text(record), flash,
                              record.flag("swa_full").value_or(false) ? "swa_full" : ""});
    run.id = record.text("id");
    run.model = name;
    run.source = "llama.cpp v0.5.0 through node-llama-cpp 3.22.1, CPU";
    return run;
}

} // namespace weighbridge
