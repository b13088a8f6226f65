#include "core/model/architecture.h"

#include <algorithm>

namespace weighbridge {

void Architecture::append(const Layer& layer)
{
    const auto known = std::find(kinds.begin(), kinds.end(), layer);
    const auto kind = static_cast<std::size_t>(known - kinds.begin());
    if (known == kinds.end())
        kinds.push_back(layer);
    if (!runs.empty() && runs.back().kind == kind)
        ++runs.back().count;
    else
        runs.push_back({kind, 1});
}

std::int64_t Architecture::layers() const
{
    std::int64_t sum = 0;
    for (const LayerRun& run : runs)
        sum += run.count;
    return sum;
}

std::int64_t Architecture::layers_of(std::size_t kind) const
{
    std::int64_t sum = 0;
    for (const LayerRun& run : runs)
        sum += run.kind == kind ? run.count : 0;
    return sum;
}

std::string attention_summary(const Architecture& architecture)
{
    for (const Layer& layer : architecture.kinds) {
        if (std::holds_alternative<LatentAttention>(layer.mixer))
            return "MLA";
        const auto& attention = std::get<Attention>(layer.mixer);
        if (attention.kv_heads == attention.heads)
            return "MHA";
        if (attention.kv_heads == 1)
            return "MQA";
        return "GQA " + std::to_string(attention.heads / attention.kv_heads) + ":1";
    }
    return {};
}

} // namespace weighbridge
