// Any bytes as a GGUF file: a header or a message, never a crash; the tensors of a header lie in the file.

#include "core/sources/gguf.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace weighbridge;
    MemorySource source(std::string_view(reinterpret_cast<const char*>(data), size));
    const auto header = read_gguf(source, "fuzz");
    if (!header)
        return header.error().message.empty() ? std::abort(), 0 : 0;
    std::int64_t bytes = 0;
    for (const StoredTensor& tensor : header->tensors) {
        if (tensor.type == nullptr || tensor.elements < 1 || tensor.bytes < 1)
            std::abort();
        bytes += tensor.bytes;
    }
    if (bytes > static_cast<std::int64_t>(size))
        std::abort();
    return 0;
}
