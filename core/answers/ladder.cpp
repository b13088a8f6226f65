#include "core/answers/ladder.h"

#include "core/engines/engine.h"
#include "core/engines/inference.h"
#include "core/engines/support.h"
#include "core/estimate/capacity.h"
#include "core/estimate/estimate.h"
#include "core/estimate/estimate_speed.h"
#include "core/fields/fields.h"
#include "core/memory/weights.h"
#include "core/precision/exl_rules.h"
#include "core/precision/gguf_mix.h"
#include "core/precision/mlx_rules.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace weighbridge {

namespace {

bool loads(const Engine& engine, const Question& question, const NumberFormat* weights, const NumberFormat* cache)
{
    const SupportQuery query{.engine = engine.id,
                             .name = engine.name,
                             .version = question.scenario.inference.engine_version,
                             .model = question.model.get(),
                             .weights = weights,
                             .kv_k = cache,
                             .kv_v = cache};
    return support_of(query).runs == Runs::yes;
}

void add_once(std::vector<std::string>& list, std::string_view id)
{
    if (std::find(list.begin(), list.end(), id) == list.end())
        list.emplace_back(id);
}

/// Every format with a name of its own, as the lists show them.
std::vector<std::string> named_weights()
{
    std::vector<std::string> names;
    for (const NumberFormat& format : number_formats())
        if (format.for_weights && !format.nominal)
            add_once(names, format.id);
    for (const GgufMixName& mix : gguf_mixes())
        if (!is_outline("gguf:" + std::string(mix.name)))
            add_once(names, "gguf:" + std::string(mix.name));
    for (const std::string_view mix : mlx_mix_names())
        add_once(names, "mlx:" + std::string(mix));
    for (const std::string_view mix : exl3_mix_names())
        add_once(names, "exl3:" + std::string(mix));
    return names;
}

std::vector<std::string> loadable_weights(const Engine& engine, const Question& question)
{
    std::vector<std::string> list;
    for (const std::string& name : named_weights()) {
        const auto format = find_format(name, FormatUse::weights);
        const bool of_its_kind = !engine.loads_gguf || name.starts_with("gguf:");
        if (format && of_its_kind && loads(engine, question, &*format, nullptr))
            add_once(list, format->id);
    }
    add_once(list, weights_in_use(question.scenario.precision, *question.model));
    return list;
}

/// Types of cache that people choose, where the engine is known to have them.
std::vector<std::string> usual_caches(const Engine& engine, const Question& question)
{
    constexpr std::array<std::string_view, 3> chosen = {"fp8", "q8_0", "q4_0"};
    std::vector<std::string> list = {cache_formats(engine, question.scenario.precision).k};
    for (const std::string_view name : chosen)
        if (const auto format = find_format(name, FormatUse::kv_cache);
            format && engine.loads_gguf == name.starts_with('q') && loads(engine, question, nullptr, &*format))
            add_once(list, format->id);
    return list;
}

/// As formats are spelled, whoever wrote them.
Result<std::vector<NumberFormat>> formats_of(const std::vector<std::string>& ids, FormatUse use)
{
    std::vector<NumberFormat> formats;
    formats.reserve(ids.size());
    for (const std::string& id : ids) {
        auto format = find_format(id, use);
        if (!format)
            return format.error();
        formats.push_back(std::move(*format));
    }
    return formats;
}

/// Bits of one parameter of the whole model, however it is shared out.
double whole_bits(const InferenceInputs& load)
{
    InferenceInputs whole = load;
    const HardwareChoice alone;
    whole.hardware = &alone;
    whole.tensor_parallel = 1;
    whole.pipeline_parallel = 1;
    whole.stages = nullptr;
    double elements = 0;
    for (const Tensor& tensor : load.model->tensors)
        elements += tensor.elements();
    constexpr double bits = 8;
    return elements > 0 ? weight_bytes(whole) * bits / elements : 0;
}

void refuse(LadderRow& row, const std::string& why)
{
    row.loads = false;
    row.refusal = why;
}

Bytes weights_in(const Estimate& estimate)
{
    Bytes sum;
    for (const Term& term : estimate.terms)
        if (term.id == "weights")
            sum += term.bytes;
    return sum;
}

LadderRow row_of(Question question, const NumberFormat& weights, const NumberFormat& cache)
{
    LadderRow row{.weights = weights.id, .kv_cache = cache.id, .label = weights.label};
    row.bits_per_weight = weights.bits;
    row.quality = quality_loss(weights, *question.model);
    Result<Scenario> scenario = in_formats_of(question.scenario, row);
    if (!scenario) {
        refuse(row, scenario.error().message);
        return row;
    }
    question.scenario = std::move(*scenario);
    const Result<Checked> checked = check(std::move(question));
    if (!checked) {
        refuse(row, checked.error().message);
        return row;
    }
    const Plan& plan = checked->plan();
    row.bits_per_weight = whole_bits(plan.load());
    const EstimatePointer found = estimate(*checked, Detail::verdict);
    const Fit fit = found->decisive_fit();
    if (fit.verdict == Verdict::cant_run) {
        refuse(row, fit.refusal ? std::string(fit.refusal->text) : std::string("it can't run there"));
        return row;
    }
    row.decode_tokens_per_second = inference_speed(found->scenario, plan)->decode_tokens_per_second;
    const Capacity room = capacity(plan);
    row.weight_bytes = weights_in(*found);
    row.total = found->total;
    row.low = found->low;
    row.high = found->high;
    row.usable = fit.usable;
    row.verdict = fit.verdict;
    row.max_sequence_length = room.max_sequence_length;
    row.max_concurrent_sequences = room.max_concurrent_sequences;
    return row;
}

} // namespace

std::optional<std::size_t> largest_that_fits(const Ladder& ladder, std::string_view kv_cache, std::string_view own)
{
    constexpr double as_many = 0.01; // bits: norms that one of them leaves in FP32
    std::optional<std::size_t> first;
    for (std::size_t i = 0; i < ladder.rows.size(); ++i) {
        const LadderRow& row = ladder.rows[i];
        if (!row.loads || !does_fit(row.verdict) || (!kv_cache.empty() && row.kv_cache != kv_cache))
            continue;
        if (first && row.bits_per_weight < ladder.rows[*first].bits_per_weight - as_many)
            break;
        if (row.weights == own)
            return i;
        if (!first)
            first = i;
    }
    return first;
}

Result<Scenario> in_formats_of(Scenario scenario, const LadderRow& row)
{
    if (Outcome problem = set_field(scenario, "precision.weights", row.weights))
        return *problem;
    if (Outcome problem = set_field(scenario, "precision.kv_cache", row.kv_cache))
        return *problem;
    return scenario;
}

Result<LadderPointer> ladder(const Question& question, const LadderRange& range, const LadderProgress& progress)
{
    if (question.scenario.training() != nullptr)
        return Error{"task", "task is \"" + question.scenario.task + "\"; a ladder of formats is of inference"};
    const auto asked = check(question);
    if (!asked)
        return asked.error();
    const Engine& engine = *asked->plan().load().engine;
    const auto weights =
        formats_of(range.weights.empty() ? loadable_weights(engine, question) : range.weights, FormatUse::weights);
    if (!weights)
        return weights.error();
    auto caches =
        formats_of(range.kv_cache.empty() ? usual_caches(engine, question) : range.kv_cache, FormatUse::kv_cache);
    if (!caches)
        return caches.error();
    std::stable_sort(caches->begin(), caches->end(),
                     [](const NumberFormat& a, const NumberFormat& b) { return a.bits > b.bits; });
    auto result = std::make_shared<Ladder>();
    const std::size_t all = weights->size() * caches->size();
    for (const NumberFormat& format : *weights)
        for (const NumberFormat& cache : *caches) {
            if (progress && !progress(result->rows.size(), all))
                return Error{{}, "stopped"};
            result->rows.push_back(row_of(question, format, cache));
        }
    std::stable_sort(result->rows.begin(), result->rows.end(),
                     [](const LadderRow& a, const LadderRow& b) { return a.bits_per_weight > b.bits_per_weight; });
    for (std::size_t i = 0; i < result->rows.size() && !result->largest_that_fits; ++i)
        if (result->rows[i].loads && does_fit(result->rows[i].verdict))
            result->largest_that_fits = i;
    return LadderPointer(std::move(result));
}

} // namespace weighbridge
