#pragma once

#include "core/sources/byte_source.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace weighbridge {

/// The beginning of a file that lies elsewhere: its size is known, of its bytes only the first. Whoever reads beyond
/// them gets an error, and `wanted()` then says how much was needed.
class PrefixSource : public ByteSource
{
public:
    PrefixSource(std::string_view bytes, std::uint64_t size) : bytes_(bytes), size_(size) {}

    std::uint64_t size() const override { return size_; }
    Result<std::string_view> read(std::uint64_t offset, std::size_t length) override
    {
        if (offset <= bytes_.size() && length <= bytes_.size() - offset)
            return bytes_.substr(static_cast<std::size_t>(offset), length);
        wanted_ = std::max(wanted_, offset + length);
        return Error{{}, "only its first " + std::to_string(bytes_.size()) + " bytes are here"};
    }

    /// Bytes from the start that a reader needed and did not get; 0 where it got all.
    std::uint64_t wanted() const { return wanted_; }

private:
    std::string_view bytes_;
    std::uint64_t size_;
    std::uint64_t wanted_ = 0;
};

} // namespace weighbridge
