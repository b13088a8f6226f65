#include "core/engines/engine.h"

#include "core/engines/exllamav3/exllamav3.h"
#include "core/engines/generic/generic.h"
#include "core/engines/llamacpp/llamacpp.h"
#include "core/engines/lmdeploy/lmdeploy.h"
#include "core/engines/lmstudio/lmstudio.h"
#include "core/engines/mlx/mlx.h"
#include "core/engines/ollama/ollama.h"
#include "core/engines/sglang/sglang.h"
#include "core/engines/tensorrtllm/tensorrtllm.h"
#include "core/engines/transformers/transformers.h"
#include "core/engines/vllm/vllm.h"

#include <algorithm>
#include <array>

namespace weighbridge {

std::span<const Engine* const> engines()
{
    static constexpr std::array<const Engine*, 15> built = {
        &generic_rules,  &vllm_rules,         &sglang_rules,    &llama_cpp_rules,     &ik_llama_cpp_rules,
        &ollama_rules,   &lmstudio_rules,     &mlx_rules,       &exllamav3_rules,     &tensorrt_llm_rules,
        &lmdeploy_rules, &transformers_rules, &exllamav2_rules, &deepspeed_mii_rules, &optimum_habana_rules};
    return built;
}

const Engine* find_engine(std::string_view id)
{
    const auto built = engines();
    const auto found = std::find_if(built.begin(), built.end(), [&](const Engine* engine) {
        return engine->id == id || std::find(engine->also.begin(), engine->also.end(), id) != engine->also.end();
    });
    return found == built.end() ? nullptr : *found;
}

std::optional<std::string_view> engine_called(std::string_view name)
{
    const Engine* engine = find_engine(name);
    return engine != nullptr ? std::optional(engine->id) : std::nullopt;
}

bool replicas_take_gpus(const Engine& engine, const InferenceChoice& choice)
{
    return engine.replicas_take_gpus == nullptr || engine.replicas_take_gpus(choice);
}

std::optional<RequestLimit> request_limit(const Engine& engine, const InferenceChoice& choice)
{
    return engine.request_limit != nullptr ? engine.request_limit(choice) : std::nullopt;
}

std::int64_t request_tokens(const Engine& engine, const InferenceChoice& choice)
{
    if (choice.sequence_length)
        return *choice.sequence_length;
    const auto limit = request_limit(engine, choice);
    return limit ? std::min(usual_sequence_length, limit->tokens) : usual_sequence_length;
}

void reset_layout(InferenceChoice& choice)
{
    for (const Engine* engine : engines()) {
        if (engine->reset_replicas != nullptr)
            engine->reset_replicas(choice);
        if (engine->spread != nullptr)
            engine->spread(choice, 1);
    }
}

} // namespace weighbridge
