#pragma once

#include "core/quantity/result.h"
#include "core/sources/byte_source.h"
#include "core/sources/weights_header.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weighbridge {

/// The header of one safetensors file.
struct SafetensorsHeader
{
    std::vector<StoredTensor> tensors; ///< in the order of the header
    std::uint64_t data_offset = 0;     ///< where the tensors' bytes begin
};

/// The longest header that the format allows.
inline constexpr std::uint64_t longest_safetensors_header = 100'000'000;

/// Reads the header of a safetensors file and nothing behind it. Refused, naming tensor and value: a header longer than
/// the file or than the format allows, text that is not such a header, unknown types, tensors whose bytes are not those
/// of their shape, overlap, leave gaps or lie outside the file. `name` is what messages call the file; it is the
/// error's field.
Result<SafetensorsHeader> read_safetensors(ByteSource& source, std::string_view name);

/// Which file of a folder holds which tensor: model.safetensors.index.json.
struct SafetensorsIndex
{
    std::vector<std::string> files;                           ///< distinct, in the order of the index
    std::unordered_map<std::string, std::size_t> tensor_file; ///< tensor to index in `files`
};

/// Reads the index. File names are checked to be names in the same folder. Errors as above.
Result<SafetensorsIndex> read_safetensors_index(std::string_view text, std::string_view name);

} // namespace weighbridge
