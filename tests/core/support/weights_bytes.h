#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge::testing {

/// A little-endian number of that many bytes.
inline std::string little_endian(std::uint64_t value, std::size_t bytes)
{
    std::string text;
    for (std::size_t i = 0; i < bytes; ++i)
        text += static_cast<char>(value >> 8 * i & 0xFFU);
    return text;
}

/// The bytes of a GGUF header, put together by hand: length and text, key and value, tensors. Counts can be given
/// other values than what there is.
class GgufBytes
{
public:
    static std::string text(std::string_view value) { return little_endian(value.size(), 8) + std::string(value); }

    GgufBytes& u32(std::string_view key, std::uint32_t value) { return entry(key, 4, little_endian(value, 4)); }
    GgufBytes& flag(std::string_view key, bool value) { return entry(key, 7, little_endian(value ? 1 : 0, 1)); }
    GgufBytes& string(std::string_view key, std::string_view value) { return entry(key, 8, text(value)); }
    GgufBytes& i32s(std::string_view key, const std::vector<std::int32_t>& values)
    {
        std::string bytes = little_endian(5, 4) + little_endian(values.size(), 8);
        for (const std::int32_t value : values)
            bytes += little_endian(static_cast<std::uint32_t>(value), 4);
        return entry(key, 9, bytes);
    }
    GgufBytes& strings(std::string_view key, std::size_t count, std::string_view each)
    {
        std::string bytes = little_endian(8, 4) + little_endian(count, 8);
        for (std::size_t i = 0; i < count; ++i)
            bytes += text(each);
        return entry(key, 9, bytes);
    }
    /// Anything: the value's bytes are what follows the type.
    GgufBytes& entry(std::string_view key, std::uint32_t type, std::string_view value)
    {
        entries_ += text(key) + little_endian(type, 4) + std::string(value);
        ++entry_count;
        return *this;
    }
    /// `offset` is within the data.
    GgufBytes& tensor(std::string_view name, const std::vector<std::uint64_t>& shape, std::uint32_t type,
                      std::uint64_t offset)
    {
        tensors_ += text(name) + little_endian(shape.size(), 4);
        for (const std::uint64_t size : shape)
            tensors_ += little_endian(size, 8);
        tensors_ += little_endian(type, 4) + little_endian(offset, 8);
        ++tensor_count;
        return *this;
    }

    /// The header, padded to 32 bytes, and so many bytes of data.
    std::string bytes(std::size_t data = 0) const
    {
        std::string file = "GGUF" + little_endian(version, 4) + little_endian(tensor_count, 8) +
                           little_endian(entry_count, 8) + entries_ + tensors_;
        file.append((32 - file.size() % 32) % 32, '\0');
        file.append(data, '\0');
        return file;
    }

    std::uint32_t version = 3;
    std::uint64_t tensor_count = 0;
    std::uint64_t entry_count = 0;

private:
    std::string entries_;
    std::string tensors_;
};

/// A safetensors file: its header's length, the header and so many bytes of data.
inline std::string safetensors_bytes(std::string_view header, std::size_t data = 0)
{
    return little_endian(header.size(), 8) + std::string(header) + std::string(data, '\0');
}

} // namespace weighbridge::testing
