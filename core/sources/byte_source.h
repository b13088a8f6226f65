#pragma once

#include "core/quantity/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weighbridge {

/// Bytes that are read in pieces: a file on disk, or one on a server that answers ranged requests. All that the readers
/// of weights files need, so that none of them opens anything.
class ByteSource
{
public:
    ByteSource() = default;
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    virtual ~ByteSource() = default;

    virtual std::uint64_t size() const = 0;
    /// The `length` bytes from `offset`, all within size(). The view holds until the next call. The error says why they
    /// can't be had, in words that follow the file's name.
    virtual Result<std::string_view> read(std::uint64_t offset, std::size_t length) = 0;
};

/// Bytes that are in memory already.
class MemorySource : public ByteSource
{
public:
    explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}

    std::uint64_t size() const override { return bytes_.size(); }
    Result<std::string_view> read(std::uint64_t offset, std::size_t length) override
    {
        if (offset > bytes_.size() || length > bytes_.size() - offset)
            return Error{{}, "it ends before byte " + std::to_string(offset)};
        return bytes_.substr(static_cast<std::size_t>(offset), length);
    }

private:
    std::string_view bytes_;
};

/// Reads a source from front to back through a window, little-endian. Whatever is asked for beyond the end of the
/// source is refused before anything is read.
class ByteCursor
{
public:
    /// Each read of the source takes `window` bytes at least, as far as there are so many.
    explicit ByteCursor(ByteSource& source, std::size_t window = 65'536) : source_(source), window_(window) {}

    std::uint64_t position() const { return position_; }
    std::uint64_t remaining() const { return source_.size() - position_; }

    /// The next `length` bytes, which are then behind. The view holds until the next call.
    Result<std::string_view> take(std::size_t length);
    /// Moves on without reading. False where the source has not so many bytes.
    bool skip(std::uint64_t length);

    /// A little-endian number of that many bytes (1 to 8).
    Result<std::uint64_t> number(std::size_t bytes);

private:
    bool holds(std::size_t length) const; ///< the next `length` bytes are in held_

    ByteSource& source_;
    std::size_t window_;
    std::uint64_t position_ = 0;
    std::string_view held_;         ///< what the last read brought
    std::uint64_t held_offset_ = 0; ///< where that begins
};

} // namespace weighbridge
