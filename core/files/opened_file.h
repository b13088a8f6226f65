#pragma once

#include "core/quantity/result.h"

#include <cstdint>
#include <string>

namespace weighbridge {

/// A descriptor that is closed with its owner.
class Descriptor
{
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int number() const { return number_; }
    bool is_open() const { return number_ >= 0; }
    int release();

private:
    int number_ = -1;
};

/// A file opened for reading.
struct ReadableFile
{
    Descriptor descriptor;
    std::uint64_t size = 0; ///< of a regular file
    bool is_pipe = false;
};

enum class Pipes
{
    refused,
    from_shell, ///< those that a shell hands over under a number (/dev/fd/63, /dev/stdin); a named one may have no
                ///< writer
};

/// Opens a regular file. What is none is refused at once: opening a pipe that nobody writes into waits for ever, and a
/// device may do something. The error names the path and the reason.
Result<ReadableFile> open_for_reading(const std::string& path, Pipes pipes = Pipes::refused);

/// A path as messages spell it, without what a terminal would obey.
std::string shown_path(const std::string& path);

/// The system's words for an error number.
std::string system_reason(int code);

} // namespace weighbridge
