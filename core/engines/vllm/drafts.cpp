#include "core/engines/vllm/drafts.h"

namespace weighbridge::vllm {

std::int64_t drafted_layers(const InferenceInputs& inputs, const Settings& settings)
{
    return settings.speculative_tokens > 0 && inputs.model->architecture.mtp_layers() > 0 ? 1 : 0;
}

std::vector<CacheRun> drafted_cache(const InferenceInputs& inputs, const Settings& settings)
{
    if (drafted_layers(inputs, settings) == 0)
        return {};
    Architecture draft;
    draft.append(inputs.model->architecture.mtp.front().layer);
    return cache_layout(draft);
}

} // namespace weighbridge::vllm
