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

/// The weights term of a GPU once loaded: the checkpoint's tensors of `stage`, part by part, and the extras, of which
/// those with bytes are parts. Parts add up to the term; their ranges are those of the tensors alone.
Term loaded_term(const InferenceInputs& stage, std::span<const LoadedExtra> extras);

} // namespace weighbridge
