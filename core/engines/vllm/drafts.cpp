#include "core/engines/vllm/drafts.h"

#include "core/engines/vllm/buffers.h"
#include "core/engines/vllm/loaded_weights.h"
#include "core/engines/vllm/rope_tables.h"
#include "core/memory/cuda_allocator.h"
#include "core/memory/weights.h"
#include "core/quantity/nearest.h"
#include "core/quantity/rounding.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace weighbridge::vllm {

namespace {

// ---- the checkpoint's own layers

/// All of the checkpoint's: DeepSeek and most others have one, Step-3.5 three, Nemotron-H a sequence of blocks.
std::vector<Layer> module_of(const Architecture& architecture)
{
    std::vector<Layer> layers;
    for (const PredictionLayers& prediction : architecture.mtp)
        layers.insert(layers.end(), static_cast<std::size_t>(prediction.count), prediction.layer);
    return layers;
}

/// Qwen3-Next's class drafts with a layer of full attention where a config names none.
std::vector<Layer> predicting(const InferenceInputs& inputs, const Settings& settings)
{
    if (settings.draft != DraftKind::prediction_layers)
        return {};
    const Architecture& architecture = inputs.model->architecture;
    std::vector<Layer> layers = module_of(architecture);
    if (!layers.empty() || architecture.family != "qwen3_next")
        return layers;
    const auto full = std::find_if(architecture.kinds.begin(), architecture.kinds.end(),
                                   [](const Layer& layer) { return first_of<Attention>(layer.mixers) != nullptr; });
    if (full != architecture.kinds.end())
        layers.push_back(*full);
    return layers;
}

/// Of one layer: models/step3p5_mtp.py.
double own_head_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    constexpr std::array<std::string_view, 1> families = {"step3p5"};
    const Architecture& architecture = inputs.model->architecture;
    if (std::find(families.begin(), families.end(), architecture.family) == families.end())
        return 0;
    return static_cast<double>(architecture.vocab_size * architecture.hidden_size) * settings.model_bytes /
           static_cast<double>(settings.tensor_parallel);
}

double predicting_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    const std::vector<Layer> layers = predicting(inputs, settings);
    if (layers.empty())
        return 0;
    double bytes =
        own_head_bytes(inputs, settings) * static_cast<double>(layers.size()) + picked_bytes(layers, settings);
    for (const Layer& layer : layers)
        for (const Tensor& tensor : layer_inventory(inputs.model->architecture, layer))
            bytes += tensor_bytes(inputs, tensor);
    return bytes;
}

// ---- a network of its own

/// The draft as a load of its own, on the ranks that share it.
InferenceInputs draft_alone(const InferenceInputs& inputs, const Settings& settings)
{
    InferenceInputs alone = inputs;
    alone.model = inputs.draft->model.get();
    alone.weights = inputs.draft->weights;
    alone.stages = nullptr;
    alone.pipeline_parallel = 1;
    alone.tensor_parallel = settings.draft_ranks;
    alone.sharding.expert_ranks = 0;
    alone.draft = nullptr;
    return alone;
}

/// Tables of positions are kept by their parameters: a relative of the network shares them.
bool shares_tables(const Architecture& draft, const Architecture& network)
{
    return draft.family == network.family && draft.max_position_embeddings == network.max_position_embeddings &&
           draft.rotary_fraction == network.rotary_fraction && draft.rope_stretch == network.rope_stretch;
}

double network_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    const InferenceInputs alone = draft_alone(inputs, settings);
    const bool shared = shares_tables(alone.model->architecture, inputs.model->architecture);
    return weight_bytes(alone) + vocabulary_padding_bytes(alone) + rounding_bytes(alone) +
           (shared ? 0 : rope_table_bytes(alone, settings));
}

// ---- EAGLE

/// A layer of attention like the network's, the smallest there is.
Layer assumed_layer(const Architecture& architecture)
{
    Layer smallest;
    std::int64_t fewest = -1;
    for (const Layer& layer : architecture.kinds) {
        if (first_of<Recurrent>(layer.mixers) != nullptr)
            continue;
        std::int64_t elements = 0;
        for (const Tensor& tensor : layer_inventory(architecture, layer))
            elements += tensor.elements();
        if (fewest < 0 || elements < fewest) {
            fewest = elements;
            smallest = layer;
        }
    }
    return smallest;
}

/// Mixtures of experts are drafted for by dense layers; four times as wide as the network, as published ones are about.
double assumed_feed_forward(const Architecture& architecture)
{
    constexpr double width = 4;
    const auto hidden = static_cast<double>(architecture.hidden_size);
    return 3 * width * hidden * hidden;
}

/// Elements on a rank of layers that nobody named.
double assumed_elements(const InferenceInputs& inputs)
{
    const Architecture& architecture = inputs.model->architecture;
    const Layer layer = assumed_layer(architecture);
    double elements = 0;
    bool sparse = false;
    for (const Tensor& tensor : layer_inventory(architecture, layer)) {
        sparse = sparse || tensor.part == Part::experts;
        if (tensor.part == Part::attention || tensor.part == Part::feed_forward || tensor.part == Part::norms)
            elements += static_cast<double>(tensor.elements()) /
                        static_cast<double>(inputs.sharding.divisor(tensor, inputs.tensor_parallel));
    }
    return elements + (sparse ? assumed_feed_forward(architecture) / static_cast<double>(inputs.tensor_parallel) : 0);
}

/// What EAGLE adds to its layers: a matrix that joins states and embedding, on every rank, and in EAGLE-3 queries, keys
/// and values of the first layer that see both, a norm, a head over its own tokens and their numbers.
struct EagleShape
{
    double hidden = 0;
    double network_hidden = 0;
    double attention_rows = 0; ///< of q, k and v on a rank
    double tokens = 0;         ///< of its own head; 0: it has the network's
    double ranks = 1;
};

double eagle_elements(const EagleShape& shape, bool third)
{
    constexpr double states_read = 3;
    if (!third)
        return 2 * shape.hidden * shape.hidden;
    return states_read * shape.network_hidden * shape.hidden + shape.attention_rows * shape.hidden + shape.hidden +
           shape.tokens * shape.hidden / shape.ranks;
}

double qkv_rows(const std::vector<Tensor>& tensors, const InferenceInputs& inputs)
{
    double rows = 0;
    for (const Tensor& tensor : tensors)
        if (tensor.merged == Merged::qkv && !tensor.columns.symbol.empty())
            rows += static_cast<double>(tensor.rows.value) /
                    static_cast<double>(inputs.sharding.divisor(tensor, inputs.tensor_parallel));
    return rows;
}

/// Positions are at least those of max_model_len.
double eagle_table_bytes(const InferenceInputs& alone, const InferenceInputs& inputs, const Settings& settings)
{
    const Architecture& architecture = alone.model->architecture;
    const std::int64_t positions = std::max(architecture.max_position_embeddings, settings.max_model_len);
    const auto* attention =
        architecture.kinds.empty() ? nullptr : first_of<Attention>(architecture.kinds.front().mixers);
    const bool shared =
        positions == architecture.max_position_embeddings && shares_tables(architecture, inputs.model->architecture);
    if (attention == nullptr || shared)
        return 0;
    return allocated_bytes(static_cast<double>(positions * attention->head_dim) * architecture.rotary_fraction *
                           settings.model_bytes);
}

double named_eagle_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    const InferenceInputs alone = draft_alone(inputs, settings);
    const Architecture& architecture = alone.model->architecture;
    const bool third = settings.draft == DraftKind::eagle3;
    double bytes = 0;
    for (const Tensor& tensor : alone.model->tensors)
        if (tensor.part != Part::embedding && tensor.part != Part::vision)
            bytes += tensor_bytes(alone, tensor);
    std::vector<Tensor> first;
    if (!architecture.runs.empty())
        first = layer_inventory(architecture, architecture.kinds[architecture.runs.front().kind]);
    const auto tokens = static_cast<double>(rounded_up(architecture.draft_vocab_size, 64));
    const EagleShape shape{.hidden = static_cast<double>(architecture.hidden_size),
                           .network_hidden = static_cast<double>(inputs.model->architecture.hidden_size),
                           .attention_rows = qkv_rows(first, alone),
                           .tokens = tokens,
                           .ranks = static_cast<double>(settings.draft_ranks)};
    constexpr double number_of_a_token = 8;
    return bytes + eagle_elements(shape, third) * settings.model_bytes +
           (third ? number_of_a_token * static_cast<double>(architecture.draft_vocab_size) : 0) +
           eagle_table_bytes(alone, inputs, settings);
}

double assumed_eagle_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    constexpr double tokens_of_published = 32000;
    const Architecture& architecture = inputs.model->architecture;
    const bool third = settings.draft == DraftKind::eagle3;
    const EagleShape shape{.hidden = static_cast<double>(architecture.hidden_size),
                           .network_hidden = static_cast<double>(architecture.hidden_size),
                           .attention_rows =
                               qkv_rows(layer_inventory(architecture, assumed_layer(architecture)), inputs),
                           .tokens = third ? tokens_of_published : 0,
                           .ranks = static_cast<double>(settings.draft_ranks)};
    return (assumed_elements(inputs) + eagle_elements(shape, third)) * settings.model_bytes;
}

bool is_eagle(const Settings& settings)
{
    return settings.draft == DraftKind::eagle || settings.draft == DraftKind::eagle3;
}

} // namespace

std::int64_t predicting_layers(const InferenceInputs& inputs, const Settings& settings)
{
    return static_cast<std::int64_t>(predicting(inputs, settings).size());
}

std::vector<CacheRun> drafted_cache(const InferenceInputs& inputs, const Settings& settings)
{
    const bool drafts = is_eagle(settings) || settings.draft == DraftKind::network;
    if (drafts && inputs.draft)
        return inputs.draft->model->cache;
    Architecture draft;
    if (is_eagle(settings))
        draft.append(assumed_layer(inputs.model->architecture));
    for (const Layer& layer : predicting(inputs, settings))
        draft.append(layer);
    return cache_layout(draft);
}

double draft_bytes(const InferenceInputs& inputs, const Settings& settings)
{
    switch (settings.draft) {
    case DraftKind::prediction_layers:
        return predicting_bytes(inputs, settings);
    case DraftKind::eagle:
    case DraftKind::eagle3:
        return inputs.draft ? named_eagle_bytes(inputs, settings) : assumed_eagle_bytes(inputs, settings);
    case DraftKind::network:
        return inputs.draft ? network_bytes(inputs, settings) : 0;
    case DraftKind::none:
    case DraftKind::lookup:
    case DraftKind::rows_only:
    case DraftKind::heads:
    case DraftKind::unknown:
        break;
    }
    return 0;
}

std::vector<Issue> draft_issues(const InferenceInputs& inputs, const Settings& settings)
{
    const SpeculativeOptions& options = inputs.choice->vllm.speculative_config;
    const std::string method = "inference.speculative_config.method";
    const std::string model = "inference.speculative_config.model";
    const std::int64_t counted = inputs.choice->vllm.num_speculative_tokens;
    std::vector<Issue> issues;
    const auto say = [&](const std::string& field, Severity severity, std::string message) {
        issues.push_back({field, severity, std::move(message)});
    };
    if (counted > 0 && options.num_speculative_tokens && *options.num_speculative_tokens != counted)
        say("inference.num_speculative_tokens", Severity::error,
            "inference.num_speculative_tokens is " + std::to_string(counted) +
                ", and speculative_config says otherwise; they are one thing");
    if (settings.draft_ranks != 1 && settings.draft_ranks != settings.tensor_parallel)
        say("inference.speculative_config.draft_tensor_parallel_size", Severity::error,
            "inference.speculative_config.draft_tensor_parallel_size must be 1 or hardware.tensor_parallel");
    if (settings.draft == DraftKind::prediction_layers && predicting_layers(inputs, settings) == 0)
        say(method, Severity::error,
            method + " is mtp, and the network has no layers for multi-token prediction; eagle3, draft_model and "
                     "ngram need none");
    if (settings.draft == DraftKind::unknown)
        say(method, Severity::error,
            method + " is " + in_quotes(*options.method) +
                "; known are mtp, eagle, eagle3, draft_model, dflash, ngram, "
                "ngram_gpu, suffix, medusa and mlp_speculator");
    if (settings.draft == DraftKind::rows_only)
        say("inference.num_speculative_tokens", Severity::warning,
            "The network has no layers for multi-token prediction, and speculative_config names no draft: its weights "
            "and its cache are not counted");
    if (settings.draft == DraftKind::heads)
        say(method, Severity::warning, "The weights of drafting heads have no rule here: they are not counted");
    if (options.method == "dflash")
        say(method, Severity::warning, "DFlash drafts are counted as EAGLE's layers are, which is a guess");
    if (settings.draft == DraftKind::network && !inputs.draft)
        say(model, options.model ? Severity::warning : Severity::error,
            options.model
                ? "The draft's config is not at hand: its weights and its cache are not counted. Give a preset "
                  "or {\"config\": ...}"
                : model + " must name the network that drafts");
    if (is_eagle(settings) && !inputs.draft)
        say(model, Severity::warning,
            "No draft whose config is at hand is named: it is taken as one layer like the network's, with what EAGLE "
            "adds to it");
    return issues;
}

} // namespace weighbridge::vllm
