#include "core/engines/engine.h"

#include "core/engines/generic/generic.h"
#include "core/engines/llamacpp/llamacpp.h"
#include "core/engines/sglang/sglang.h"
#include "core/engines/transformers/transformers.h"
#include "core/engines/vllm/vllm.h"

#include <algorithm>
#include <array>

namespace weighbridge {

std::span<const Engine* const> engines()
{
    static constexpr std::array<const Engine*, 5> built = {&generic_rules, &vllm_rules, &sglang_rules, &llama_cpp_rules,
                                                           &transformers_rules};
    return built;
}

const Engine* find_engine(std::string_view id)
{
    const auto built = engines();
    const auto found = std::find_if(built.begin(), built.end(), [&](const Engine* engine) { return engine->id == id; });
    return found == built.end() ? nullptr : *found;
}

void reset_layout(InferenceChoice& choice)
{
    for (const Engine* engine : engines()) {
        if (engine->reset_replicas != nullptr)
            engine->reset_replicas(choice);
        if (engine->reset_spread != nullptr)
            engine->reset_spread(choice);
    }
}

} // namespace weighbridge
