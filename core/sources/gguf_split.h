#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weighbridge {

/// PREFIX-00001-of-00003.gguf, as llama-gguf-split names the parts of a split file.
struct GgufSplit
{
    std::string prefix; ///< with the folder, where the name has one
    int part = 0;       ///< from 1
    int parts = 0;      ///< at most 10,000
};

/// What a name says about parts, or nothing: it is no part of a split file.
std::optional<GgufSplit> gguf_split(std::string_view name);

/// The name of another part of the same file.
std::string gguf_part_name(const GgufSplit& split, int part);

} // namespace weighbridge
