#include "core/engines/mlx/mlx.h"

#include "core/engines/inference.h"
#include "core/engines/mlx/run.h"
#include "core/engines/mlx/terms.h"
#include "core/engines/version.h"
#include "core/memory/weights.h"
#include "core/precision/model_format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

namespace weighbridge {

namespace {

constexpr std::int64_t usual_chunk = 2048;
constexpr std::int64_t usual_start = 5000;
constexpr std::int64_t usual_group = 64;
constexpr std::int64_t usual_prompt_caches = 10;

/// Formats of other tools that mlx-lm stores in groups of its own (mlx_lm/utils.py, _transform_awq_weights and
/// _compressed_tensors_quantization); HQQ's groups of 64 have its scale and bias.
struct MlxTwin
{
    std::string_view format;
    std::string_view mix;
};

constexpr std::array<MlxTwin, 9> twins = {{{"hqq_4bit_g64", "4bit"},
                                           {"awq_4bit_g128", "4bit_g128"},
                                           {"gptq_4bit_g128", "4bit_g128"},
                                           {"gptq_4bit_g64", "4bit"},
                                           {"gptq_4bit_g32", "4bit_g32"},
                                           {"gptq_8bit_g128", "8bit_g128"},
                                           {"w4a16_g128", "4bit_g128"},
                                           {"mxfp4", "mxfp4"},
                                           {"nvfp4", "nvfp4"}}};

/// The weights as MLX has them in memory.
NumberFormat loaded_format(const InferenceInputs& load)
{
    NumberFormat format = load.weights;
    const Model& model = *load.model;
    if (format.id == "mxfp8")
        return for_model(*find_format("mlx:mxfp8", FormatUse::weights), model);
    if (format.by_tensor && format.id != checkpoint_format)
        return for_model(std::move(format), model);
    for (const MlxTwin& twin : twins)
        if (format.id == twin.format)
            return for_model(*find_format("mlx:" + std::string(twin.mix), FormatUse::weights), model);
    constexpr double sixteen = 16;
    if (!format.column && format.takes_all_tensors && !format.nominal && format.bits == sixteen)
        format.column = std::make_shared<const WeightColumn>(
            mlx_column([](const Tensor&, std::int64_t) -> std::optional<MlxStorage> { return std::nullopt; },
                       model.architecture, model.tensors));
    return format;
}

/// "mlx:8bit" of precision.kv_cache, or the engine's own options.
std::optional<MlxStorage> cache_storage(const InferenceInputs& load)
{
    const MlxOptions& options = load.choice->mlx;
    const auto group = [&](std::int64_t usual) { return options.kv_group_size.value_or(usual); };
    if (options.kv_bits)
        return MlxStorage{static_cast<double>(*options.kv_bits), group(usual_group), true};
    if (!load.kv_k.id.starts_with("mlx:"))
        return std::nullopt;
    const auto mix = find_mlx_mix(std::string_view(load.kv_k.id).substr(4));
    return mix ? std::optional(MlxStorage{mix->usual.bits, group(mix->usual.group), true}) : std::nullopt;
}

class MlxPlan final : public Plan
{
public:
    explicit MlxPlan(InferenceInputs load) : Plan(std::move(load)), text_(load_)
    {
        text_.tensor_parallel = 1;
        // What a checkpoint holds is known of the published network's tensors alone.
        if (load_.weights.id != checkpoint_format)
            built_ = mlx_network(*load_.model, load_.weights.id.starts_with("mlx:"));
        if (built_)
            text_.model = built_.get();
        run_ = mlx_run(text_);
        text_.weights = loaded_format(text_);
        if (load_.choice->mlx.vision)
            return;
        stage_ = without_towers(*text_.model, text_.weights.column);
        text_.model = stage_.model.get();
        text_.weights.column = stage_.column;
    }

    DeviceLoad fullest(std::int64_t sequences) const override
    {
        const MlxFigures figures = mlx_figures(text_, of(sequences));
        return {.figures = figures.memory, .needed = figures.memory.whole(), .usable = usable_device_memory(load_)};
    }

    std::vector<Term> terms(bool text) const override
    {
        return text ? mlx_terms(text_, run_) : mlx_plain_terms(mlx_figures(text_, run_));
    }

    std::vector<EnginePrint> prints() const override
    {
        constexpr double gigabyte = 1e9;
        const MemoryFigures figures = mlx_figures(text_, run_).memory;
        return {{"peak_gb", "Peak memory", (figures.whole() - mlx_prompt_caches(run_)) / gigabyte, 3}};
    }

    double cache_of_one() const override { return mlx_all_caches(of(1), end_of(run_)); }

    std::optional<Refusal> refusal() const override { return mlx_refusal(run_); }
    std::vector<Issue> issues() const override { return mlx_issues(load_, run_); }

    void fill_defaults(Scenario& scenario) const override
    {
        scenario.inference.call = {run_.prompt, run_.decoded};
        MlxOptions& options = scenario.inference.mlx;
        options.prefill_step_size = run_.chunk;
        if (run_.kv) {
            options.kv_bits = static_cast<std::int64_t>(run_.kv->bits);
            options.kv_group_size = run_.kv->group;
            options.quantized_kv_start = run_.kv_start;
        }
    }

private:
    MlxRun of(std::int64_t sequences) const
    {
        MlxRun run = run_;
        run.sequences = sequences;
        return run;
    }

    InferenceInputs text_; ///< what is loaded of it
    ModelPointer built_;   ///< where mlx-lm's network is another than the published one
    PipelineStage stage_;  ///< the network without towers
    MlxRun run_;
};

double stored_token_bytes(const InferenceInputs& inputs, const CacheRun& run)
{
    const MlxRun call = mlx_run(inputs);
    const MlxCache cache = mlx_cache(inputs.model->architecture, call.family, run, call.max_kv_size);
    return static_cast<double>(cache.numbers) * mlx_number_bytes(call, cache, end_of(call));
}

PlanPointer mlx_plan(InferenceInputs load)
{
    return std::make_shared<MlxPlan>(std::move(load));
}

} // namespace

MlxRun mlx_run(const InferenceInputs& inputs)
{
    const InferenceChoice& choice = *inputs.choice;
    const MlxOptions& options = choice.mlx;
    MlxRun run;
    run.model = inputs.model;
    constexpr EngineVersion newest{9999, 0}, latent{0, 30};
    const EngineVersion version = read_version(choice.engine_version, newest);
    run.family = mlx_family(inputs.model->architecture, !(version < latent));
    run.max_kv_size = options.max_kv_size.value_or(0);
    for (const CacheRun& cache : inputs.model->cache)
        if (cache.kind != CacheKind::cross)
            run.caches.push_back(mlx_cache(inputs.model->architecture, run.family, cache, run.max_kv_size));
    run.chunk = options.prefill_step_size.value_or(usual_chunk);
    run.kv = cache_storage(inputs);
    run.kv_start = options.quantized_kv_start.value_or(usual_start);
    constexpr double bits_per_byte = 8;
    run.cached_bytes = inputs.activations.bits / bits_per_byte;
    run.sequences = inputs.concurrent_sequences;
    // What was typed holds for the scenario itself; a search for another length changes it.
    const bool own_length = inputs.sequence_length == request_tokens(*inputs.engine, choice);
    const std::int64_t longest_answer = std::max<std::int64_t>(0, inputs.sequence_length - 1);
    run.decoded = std::min(choice.call.output_tokens.value_or(0), longest_answer);
    run.prompt = inputs.sequence_length - run.decoded;
    if (own_length && choice.call.input_tokens) {
        run.prompt = *choice.call.input_tokens;
        run.decoded =
            choice.call.output_tokens.value_or(std::max<std::int64_t>(0, inputs.sequence_length - run.prompt));
    }
    if (options.prompt_cache_size || options.prompt_cache_bytes)
        run.prompt_caches = options.prompt_cache_size.value_or(usual_prompt_caches);
    run.prompt_cache_bytes = options.prompt_cache_bytes;
    return run;
}

const Engine mlx_rules = {.id = "mlx",
                          .name = "MLX",
                          .summary = "mlx-lm on Apple's GPUs: one prompt, then token by token",
                          .versions = "0.22 to 0.29, 0.30 on",
                          .also = {"mlx-lm", "mlx_lm"},
                          .token_bytes = stored_token_bytes,
                          .plan = mlx_plan};

} // namespace weighbridge
