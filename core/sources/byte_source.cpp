#include "core/sources/byte_source.h"

#include <algorithm>

namespace weighbridge {

Result<std::string_view> ByteCursor::take(std::size_t length)
{
    if (length > remaining())
        return Error{{},
                     "it ends at byte " + std::to_string(source_.size()) + ", within what byte " +
                         std::to_string(position_) + " begins"};
    if (!holds(length)) {
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

bool ByteCursor::holds(std::size_t length) const
{
    const std::uint64_t offset = position_ - held_offset_;
    return position_ >= held_offset_ && offset <= held_.size() && length <= held_.size() - offset;
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
    if (!holds(bytes)) {
        const auto taken = take(bytes);
        if (!taken)
            return taken.error();
        position_ -= bytes;
    }
    // Files with a vocabulary have a million of these: no view of them is made.
    const std::size_t offset = static_cast<std::size_t>(position_ - held_offset_);
    std::uint64_t value = 0;
    for (std::size_t i = bytes; i-- > 0;)
        value = value << 8U | static_cast<unsigned char>(held_[offset + i]);
    position_ += bytes;
    return value;
}

} // namespace weighbridge
