#pragma once

#include "core/memory/load.h"
#include "core/memory/term.h"

#include <span>
#include <string_view>

namespace weighbridge {

/// What an engine leaves on a GPU when it loads a model, beside the elements of the checkpoint's tensors.
struct LoadedExtra
{
    std::string_view id;
    std::string_view label;
    std::string_view symbol;
    double bytes = 0;
    std::string_view source;
};

/// Bytes of a GPU's weights that lie in the host's memory.
struct OnHost
{
    double layers = 0;  ///< of all that layers are made of, each part by the same share
    double experts = 0; ///< of routed experts alone

    double total() const { return layers + experts; }
};

/// The weights term of a GPU once loaded: the checkpoint's tensors of `stage`, part by part, and the extras, of which
/// those with bytes are parts. Parts add up to the term; their ranges are those of the tensors alone. What lies in the
/// host's memory is taken off the parts that it is of.
Term loaded_term(const InferenceInputs& stage, std::span<const LoadedExtra> extras, const OnHost& on_host = {});

/// Copies of whole experts that are spread over so many ranks beside those of the network: bytes on the fullest one.
/// 0 where experts are not held whole.
double copied_expert_bytes(const InferenceInputs& inputs, std::int64_t copies, std::int64_t ranks);

} // namespace weighbridge
