#pragma once

#include "core/quantity/result.h"
#include "core/sources/byte_source.h"
#include "core/sources/weights_header.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weighbridge {

/// The value of a metadata key. Of texts the beginning is kept, of lists the numbers where they are few (one per layer)
/// and the length of any: a vocabulary is counted, not read.
struct GgufValue
{
    struct List
    {
        std::uint64_t length = 0;
        std::vector<std::int64_t>
            numbers; ///< of whole numbers and flags, if there are no more than `longest_kept_list`
    };

    std::variant<std::int64_t, double, bool, std::string, List> value;
};

inline constexpr std::uint64_t longest_kept_list = 65'536;
inline constexpr std::size_t longest_kept_text = 4'096;

struct GgufEntry
{
    std::string key;
    GgufValue value;
};

/// The header of one GGUF file.
struct GgufHeader
{
    std::vector<GgufEntry> entries; ///< in the order of the file; keys are distinct
    std::vector<StoredTensor> tensors;
    std::uint64_t data_offset = 0; ///< where the tensors' bytes begin

    const GgufValue* find(std::string_view key) const;
    /// A whole number or a flag under a key.
    std::optional<std::int64_t> integer(std::string_view key) const;
    std::optional<double> real(std::string_view key) const; ///< whole numbers too
    std::optional<std::string> text(std::string_view key) const;
    const GgufValue::List* list(std::string_view key) const;
};

/// Reads the header of a GGUF file, versions 2 and 3, little-endian (ggml/docs/gguf.md and gguf.cpp of llama.cpp).
/// Nothing behind the header is read, and of the header's lists of numbers only the short ones. Refused, naming key and
/// value: counts and lengths beyond the file or beyond what a header may have, lists of lists, unknown types, keys that
/// are there twice, tensors that overlap, lie outside the file or hold no whole number of blocks. `name` is what
/// messages call the file; it is the error's field.
Result<GgufHeader> read_gguf(ByteSource& source, std::string_view name);

} // namespace weighbridge
