#pragma once

#include "core/sources/byte_source.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace weighbridge {

/// A file on disk, read in pieces: of a file of any size only what is asked for.
class FileSource : public ByteSource
{
public:
    /// The error names the file and the reason.
    static Result<std::unique_ptr<FileSource>> open(const std::string& path);
    ~FileSource() override;

    std::uint64_t size() const override { return size_; }
    Result<std::string_view> read(std::uint64_t offset, std::size_t length) override;
    /// All bytes that have been read.
    std::uint64_t bytes_read() const { return bytes_read_; }
    /// Asked before each read with what has been read so far; false ends it with an error.
    void set_watch(std::function<bool(std::uint64_t bytes)> watch) { watch_ = std::move(watch); }

private:
    FileSource(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}

    int descriptor_;
    std::uint64_t size_;
    std::uint64_t bytes_read_ = 0;
    std::string buffer_;
    std::function<bool(std::uint64_t)> watch_;
};

} // namespace weighbridge
