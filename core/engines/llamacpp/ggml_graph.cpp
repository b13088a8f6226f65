#include "core/engines/llamacpp/ggml_graph.h"

#include <algorithm>

namespace weighbridge {

GgmlId GgmlGraph::add(GgmlTensor tensor, std::span<const GgmlId> sources)
{
    tensor.first_source = static_cast<std::int32_t>(sources_.size());
    for (const GgmlId source : sources)
        if (source != no_tensor)
            sources_.push_back(source);
    tensor.sources = static_cast<std::int32_t>(sources_.size()) - tensor.first_source;
    tensors_.push_back(tensor);
    expanded_.push_back(false);
    return size() - 1;
}

void GgmlGraph::expand(GgmlId id)
{
    const auto index = static_cast<std::size_t>(id);
    const GgmlRole role = tensors_[index].role;
    if (expanded_[index] || (role != GgmlRole::node && role != GgmlRole::view))
        return;
    expanded_[index] = true;
    for (const GgmlId source : sources_of(id))
        expand(source);
    order_.push_back(id);
}

std::span<GgmlId> GgmlGraph::sources_of(GgmlId id)
{
    const GgmlTensor& tensor = (*this)[id];
    return std::span(sources_).subspan(static_cast<std::size_t>(tensor.first_source),
                                       static_cast<std::size_t>(tensor.sources));
}

std::span<const GgmlId> GgmlGraph::sources_of(GgmlId id) const
{
    const GgmlTensor& tensor = (*this)[id];
    return std::span(sources_).subspan(static_cast<std::size_t>(tensor.first_source),
                                       static_cast<std::size_t>(tensor.sources));
}

} // namespace weighbridge
