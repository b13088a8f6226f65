#include "core/sources/byte_source.h"

#include <algorithm>

namespace weighbridge {

Result<std::string_view> ByteCursor::take(std::size_t length)
{
    if (length > remaining())
        return Error{{},
                     "it ends at byte " + std::to_string(source_.size()) + ", within what byte " +
                         std::to_string(position_) + " begins"};
    const std::uint64_t offset = position_ - held_offset_;
    if (position_ < held_offset_ || offset > held_.size() || length > held_.size() - offset) {
        const auto wanted = std::min<std::uint64_t>(std::max(length, window_), remaining());
        auto read = source_.read(position_, static_cast<std::size_t>(wanted));
        if (!read)
            return read;
        held_ = *read;
        held_offset_ = position_;
    }
    const auto taken = held_.substr(static_cast<std::size_t>(position_ - held_offset_), length);
    position_ += length;
    return taken;
}

bool ByteCursor::skip(std::uint64_t length)
{
    if (length > remaining())
        return false;
    position_ += length;
    return true;
}

Result<std::uint64_t> ByteCursor::number(std::size_t bytes)
{
    const auto taken = take(bytes);
    if (!taken)
        return taken.error();
    std::uint64_t value = 0;
    for (std::size_t i = bytes; i-- > 0;)
        value = value << 8U | static_cast<unsigned char>((*taken)[i]);
    return value;
}

} // namespace weighbridge
