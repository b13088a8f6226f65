#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weighbridge {

/// How a file stores the elements of a tensor: `block` of them in `bytes`.
struct StoredType
{
    std::string_view name; ///< as the format spells it: "BF16", "Q4_K"; a literal
    std::int64_t block = 1;
    std::int64_t bytes = 0;

    double bits() const { return static_cast<double>(bytes) * 8 / static_cast<double>(block); }
};

/// The type of that number in a GGUF file, or nothing: numbers that were never given or that llama.cpp took back.
/// Blocks and bytes as ggml-common.h asserts them.
const StoredType* ggml_type(std::uint32_t number);
/// The same by name ("Q4_K"); upper and lower case count as equal.
const StoredType* ggml_type(std::string_view name);

/// The type of that name in a safetensors header, or nothing.
const StoredType* safetensors_type(std::string_view name);

/// Bytes of `elements` in a type; nothing where they are no whole number of blocks or too many for 64 bits.
std::optional<std::int64_t> bytes_stored(const StoredType& type, std::int64_t elements);

} // namespace weighbridge
