#include "core/report/summary.h"

#include "core/engines/engine.h"
#include "core/quantity/display.h"
#include "core/report/devices_report.h"
#include "core/report/training_report.h"

#include <algorithm>
#include <vector>

namespace weighbridge {

namespace {

std::string plural(std::int64_t number, const std::string& noun)
{
    return grouped(number) + " " + noun + (number == 1 ? "" : "s");
}

/// Searches end at a bound; an answer that reached it means "at least".
std::string bounded(std::int64_t number, std::int64_t bound, const std::string& noun)
{
    return (number >= bound ? "more than " : "up to ") + plural(number, noun);
}

/// Room beyond what a model was made for is room, and no more.
std::string beyond_trained(const Estimate& estimate)
{
    const std::int64_t trained = estimate.model->architecture.max_position_embeddings;
    return trained > 0 && estimate.capacity.max_sequence_length > trained
               ? " (the model is made for " + grouped(trained) + ")"
               : "";
}

} // namespace

std::string model_line(const Estimate& estimate)
{
    const Model& model = *estimate.model;
    std::string line =
        model.name + " (" + model.architecture.family + "): " + parameters_text(model.parameters.total) + " parameters";
    if (model.parameters.active != model.parameters.total)
        line += ", " + parameters_text(model.parameters.active) + " active";
    return line + ", " + plural(model.architecture.layers(), "layer") + ", " + attention_summary(model.architecture);
}

std::string feed_forward_summary(const Architecture& architecture)
{
    std::int64_t dense_layers = 0;
    bool gated = true;
    const MixtureOfExperts* experts = nullptr;
    for (std::size_t kind = 0; kind < architecture.kinds.size(); ++kind) {
        const Layer& layer = architecture.kinds[kind];
        const auto* routed = first_of<MixtureOfExperts>(layer.feed_forwards);
        const auto* dense = first_of<DenseFeedForward>(layer.feed_forwards);
        if (experts == nullptr)
            experts = routed;
        if (dense == nullptr)
            continue;
        gated = gated && dense->gated;
        dense_layers += routed == nullptr ? architecture.layers_of(kind) : 0;
    }
    if (experts == nullptr)
        return dense_layers == 0 ? "" : gated ? "dense gated FFN" : "dense FFN";
    std::string text = "MoE " + grouped(experts->experts_per_token) + " of " + grouped(experts->routed_experts);
    if (experts->shared_experts > 0)
        text += " + " + grouped(experts->shared_experts) + " shared";
    return dense_layers > 0 ? text + ", " + plural(dense_layers, "dense layer") : text;
}

std::string head_summary(const Architecture& architecture)
{
    std::vector<std::int64_t> dimensions;
    const auto add = [&](std::int64_t dimension) {
        if (std::find(dimensions.begin(), dimensions.end(), dimension) == dimensions.end())
            dimensions.push_back(dimension);
    };
    for (const Layer& layer : architecture.kinds) {
        if (const auto* latent = first_of<LatentAttention>(layer.mixers))
            return "kv_lora_rank " + grouped(latent->kv_lora_rank);
        if (const auto* attention = first_of<Attention>(layer.mixers))
            add(attention->head_dim);
        if (const auto* compressed = first_of<CompressedAttention>(layer.mixers))
            add(compressed->head_dim);
    }
    std::string text;
    for (const std::int64_t dimension : dimensions)
        text += (text.empty() ? "head_dim " : "/") + grouped(dimension);
    return text;
}

std::string workload_line(const Estimate& estimate)
{
    if (estimate.training)
        return training_line(estimate);
    const Scenario& scenario = estimate.scenario;
    const PrecisionChoice& precision = scenario.precision;
    const bool one_kv = precision.kv_cache_k == precision.kv_cache_v;
    std::string line = plural(scenario.inference.tokens(), "token") + " × " +
                       plural(scenario.inference.concurrent_sequences, "sequence") + "; weights " +
                       precision.weights.value_or("bf16");
    line += !scenario.inference.use_kv_cache ? ", no KV cache"
            : one_kv                         ? ", KV cache " + precision.kv_cache_k
                                             : ", KV cache " + precision.kv_cache_k + " / " + precision.kv_cache_v;
    const Engine* engine = find_engine(scenario.inference.engine);
    if (engine != nullptr && engine->id != generic_engine)
        line += "; " + std::string(engine->name) +
                (scenario.inference.engine_version.empty() ? "" : " " + scenario.inference.engine_version);
    line += "; " + estimate.cards_name();
    if (scenario.hardware.tensor_parallel > 1)
        line += ", tensor parallel";
    if (const std::int64_t replicas = scenario.hardware.data_parallel; replicas > 1)
        line += ", data parallel " + grouped(replicas);
    if (scenario.hardware.expert_parallel > 1)
        line += ", expert parallel " + grouped(scenario.hardware.expert_parallel);
    if (scenario.hardware.pipeline_parallel > 1)
        line += ", " + plural(scenario.hardware.pipeline_parallel, "pipeline stage");
    return line;
}

std::string_view severity_name(Severity severity)
{
    switch (severity) {
    case Severity::note:
        return "note";
    case Severity::warning:
        return "warning";
    case Severity::error:
        return "error";
    }
    return "error";
}

std::string_view severity_word(Severity severity)
{
    return severity == Severity::note ? "Note" : severity == Severity::warning ? "Warning" : "Error";
}

namespace {

/// What stands before a verdict's figures. Where it can't run or would not start the reason is all there is to say.
std::string verdict_head(const Fit& fit)
{
    std::string reason = fit.refusal ? fit.refusal->text : "";
    switch (fit.verdict) {
    case Verdict::fits:
        return "Fits: ";
    case Verdict::tight:
        return "Tight: ";
    case Verdict::fits_if_given_back:
        return "Tight, if the allocator gives back: ";
    case Verdict::exceeds:
        return "Exceeds: ";
    case Verdict::would_not_start:
        return reason; // "vLLM would not start: ..."
    case Verdict::cant_run:
        return "Can't run: " + reason;
    case Verdict::not_known:
        return "Not known: " + reason + "; by the figures alone ";
    }
    return {};
}

/// What the figure alone does not say of whether it fits.
std::string verdict_tail(const Fit& fit)
{
    if (fit.verdict == Verdict::fits_if_given_back)
        return "; the allocator would hold " + in_unit(fit.would_hold, ByteUnit::gib) + " if it could";
    if (fit.verdict == Verdict::tight && fit.high > fit.usable)
        return "; the upper end, " + in_unit(fit.high, ByteUnit::gib) + ", does not fit";
    if (fit.verdict != Verdict::exceeds || !fit.gpus_searched)
        return {};
    if (!fit.gpus_needed)
        return "; no layout of up to " + grouped(most_layout_gpus) + " GPUs would do (" + layouts_tried_text(fit) + ")";
    const bool plain = !fit.layout_needed || fit.layout_needed->is_tensor_alone();
    return "; " + plural(*fit.gpus_needed, "GPU") + " would do" + (plain ? "" : " (" + fit.layout_text + ")");
}

} // namespace

std::string layouts_tried_text(const Fit& fit)
{
    std::string text = "tried: ";
    for (const std::string_view tried : fit.layouts_tried)
        text += (text.ends_with(' ') ? "" : ", ") + std::string(tried);
    return text;
}

std::string verdict_line(const Estimate& estimate)
{
    const Fit fit = estimate.decisive_fit();
    std::string line = verdict_head(fit);
    if (fit.verdict == Verdict::cant_run || fit.verdict == Verdict::would_not_start)
        return line;
    const std::string where = decided_by_text(estimate);
    return line + in_unit(fit.needed, ByteUnit::gib) + " of " + in_unit(fit.usable, ByteUnit::gib) +
           (where.empty() ? " per GPU, " : " on " + where + ", ") + percent_text(fit.fraction) + ", " +
           in_unit({std::abs(fit.free_bytes)}, ByteUnit::gib) + (fit.free_bytes < 0 ? " too much" : " free") +
           verdict_tail(fit);
}

std::string range_line(const Estimate& estimate)
{
    if (estimate.low == estimate.total && estimate.high == estimate.total)
        return {};
    return "Range " + in_unit(estimate.low, ByteUnit::gib) + " to " + in_unit(estimate.high, ByteUnit::gib);
}

namespace {

/// " Room: 12,288 tokens, or 3 sequences of ...; 2 GPUs at least."; nothing where nobody looked.
std::string training_room_line(const Capacity& capacity)
{
    if (!capacity.step)
        return {};
    const TrainingRoom& room = *capacity.step;
    std::string line;
    const auto add = [&](const std::string& part) { line += (line.empty() ? " Room: " : ", or ") + part; };
    if (room.max_sequence_length)
        add("sequences of " + bounded(*room.max_sequence_length, most_tokens, "token"));
    if (room.max_micro_batch_size)
        add("a micro batch of " + bounded(*room.max_micro_batch_size, most_sequences, "sequence"));
    if (room.max_lora_rank)
        add("rank " + grouped(*room.max_lora_rank));
    if (room.fewest_gpus)
        line += (line.empty() ? " At least " : "; at least ") + plural(*room.fewest_gpus, "GPU");
    return line.empty() ? line : line + ".";
}

} // namespace

std::string capacity_line(const Estimate& estimate)
{
    if (estimate.training)
        return peak_line(*estimate.training) + training_room_line(estimate.capacity);
    const Capacity& capacity = estimate.capacity;
    const InferenceChoice& inference = estimate.scenario.inference;
    if (estimate.fit.verdict == Verdict::cant_run)
        return "No room to speak of: it can't run";
    const bool refused = estimate.fit.verdict == Verdict::would_not_start;
    if (capacity.max_sequence_length == 0 && capacity.max_concurrent_sequences == 0)
        return "Not even one token fits";
    const std::string of_length = capacity.max_concurrent_sequences == 0
                                      ? (refused ? "none, the engine would not start" : "no sequence fits")
                                      : bounded(capacity.max_concurrent_sequences, most_sequences, "sequence");
    const std::string of_count =
        capacity.max_sequence_length == 0
            ? "not one token fits"
            : bounded(capacity.max_sequence_length, most_tokens, "token") + " each" + beyond_trained(estimate);
    std::string line = "Room at " + plural(inference.tokens(), "token") + ": " + of_length + "; with " +
                       plural(inference.concurrent_sequences, "sequence") + ": " + of_count;
    if (capacity.kv_tokens_all != capacity.kv_tokens)
        line += "; the cache of each replica holds " + plural(capacity.kv_tokens, "token") + ", of all " +
                grouped(capacity.kv_tokens_all);
    return line;
}

std::string gib_text(Bytes bytes, ByteUnit unit)
{
    const double half_of_last_digit = 0.005 * (unit == ByteUnit::gib ? bytes_per_gib : 1e9);
    if (bytes.count > 0 && static_cast<double>(bytes.count) < half_of_last_digit)
        return "<0.01";
    return in_unit_bare(bytes, unit);
}

bool has_figures(const Estimate& estimate, const Fit& fit)
{
    return &fit == &estimate.fit || fit.verdict != Verdict::cant_run;
}

std::string fit_text(const Fit& fit)
{
    std::string text(verdict_words(fit.verdict));
    if (fit.verdict == Verdict::exceeds && fit.gpus_searched)
        text += ": " + (fit.gpus_needed ? plural(*fit.gpus_needed, "GPU") : "above " + plural(most_layout_gpus, "GPU"));
    return text;
}

std::string prints_heading(const Estimate& estimate)
{
    const Engine* engine = find_engine(estimate.scenario.inference.engine);
    if (engine != nullptr && !engine->prints_heading.empty())
        return std::string(engine->prints_heading);
    return std::string(engine == nullptr ? "The engine" : engine->name) + " would print";
}

std::string print_text(const EnginePrint& print)
{
    return print.text.empty() ? decimal_text(print.value, print.decimals) : print.text;
}

} // namespace weighbridge
