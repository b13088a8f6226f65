// Any bytes as a safetensors file, and as an index: a header or a message, never a crash; tensors fill the file.

#include "core/sources/safetensors.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace weighbridge;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    MemorySource source(bytes);
    const auto header = read_safetensors(source, "fuzz");
    if (header) {
        std::uint64_t sum = header->data_offset;
        for (const StoredTensor& tensor : header->tensors)
            sum += static_cast<std::uint64_t>(tensor.bytes);
        if (sum != size)
            std::abort();
    } else if (header.error().message.empty()) {
        std::abort();
    }
    const auto index = read_safetensors_index(bytes, "fuzz");
    if (index ? index->files.empty() : index.error().message.empty())
        std::abort();
    return 0;
}
