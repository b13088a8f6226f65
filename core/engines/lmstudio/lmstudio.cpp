#include "core/engines/lmstudio/lmstudio.h"

#include "core/engines/llamacpp/llamacpp.h"
#include "core/engines/llamacpp/llamacpp_plan.h"
#include "core/engines/version.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace weighbridge {

namespace {

constexpr EngineVersion newest_lmstudio{0, 4};
constexpr std::int64_t usual_context = 4096;
constexpr std::int64_t usual_batch = 512;
constexpr std::int64_t usual_slots = 4; ///< from 0.4 on

EngineVersion version_of(const InferenceChoice& choice)
{
    return read_version(choice.engine_version, newest_lmstudio);
}

/// What its logs and its dialog of loading show where nobody chose: batches of 512, windows at full length, and from
/// 0.4 on four slots that share one cache. The runtime of llama.cpp is updated by itself, so it is the newest.
InferenceChoice with_defaults(const InferenceChoice& choice)
{
    InferenceChoice with = choice;
    with.engine_version.clear();
    LlamaCppOptions& options = with.llama_cpp;
    options.n_batch = options.n_batch.value_or(usual_batch);
    options.n_ubatch = options.n_ubatch.value_or(usual_batch);
    options.swa_full = options.swa_full.value_or(true);
    options.kv_unified = options.kv_unified.value_or(version_of(choice) >= newest_lmstudio);
    return with;
}

LlamaCppRun lmstudio_run(const InferenceInputs& load)
{
    const InferenceChoice choice = with_defaults(*load.choice);
    InferenceInputs with = load;
    with.choice = &choice;
    LlamaCppRun run = llama_cpp_run(with);
    if (!choice.llama_cpp.n_seq_max)
        run.n_seq_max = std::max(load.concurrent_sequences,
                                 version_of(*load.choice) >= newest_lmstudio ? usual_slots : std::int64_t{1});
    return with_projector(std::move(run), load);
}

class LmStudioPlan final : public LlamaCppPlan
{
public:
    explicit LmStudioPlan(InferenceInputs load) : LlamaCppPlan(std::move(load), lmstudio_run) {}

    std::vector<Issue> issues() const override
    {
        std::vector<Issue> issues = LlamaCppPlan::issues();
        if (!load_.choice->llama_cpp.n_gpu_layers)
            issues.push_back({"inference.n_gpu_layers", Severity::warning,
                              "how many layers LM Studio leaves to the host by itself is not known here; the figures "
                              "are for all of them on GPUs"});
        return issues;
    }

    void fill_defaults(Scenario& scenario) const override
    {
        LlamaCppOptions& options = scenario.inference.llama_cpp;
        options.n_batch = options.n_batch.value_or(usual_batch);
        LlamaCppPlan::fill_defaults(scenario);
    }
};

PlanPointer lmstudio_plan(InferenceInputs load)
{
    return std::make_shared<LmStudioPlan>(std::move(load));
}

std::int64_t lmstudio_usual_tokens(const InferenceInputs& load)
{
    if (const auto cells = load.choice->llama_cpp.n_ctx)
        return std::max<std::int64_t>(1, *cells / std::max<std::int64_t>(1, load.concurrent_sequences));
    const std::int64_t trained = load.model->architecture.max_position_embeddings;
    return trained > 0 ? std::min(trained, usual_context) : usual_context;
}

} // namespace

constinit const Engine lmstudio_rules = over_llama_cpp({.id = "lmstudio",
                                                        .name = "LM Studio",
                                                        .summary = "llama.cpp with LM Studio's defaults",
                                                        .versions = "0.3, 0.4 on",
                                                        .also = {"lm-studio"},
                                                        .plan = lmstudio_plan,
                                                        .usual_tokens = lmstudio_usual_tokens,
                                                        .request_limit = llama_cpp_request_limit});

} // namespace weighbridge
