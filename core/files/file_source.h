#pragma once

#include "core/files/opened_file.h"
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
    /// A regular file, or an error that names it and the reason (files/opened_file.h).
    static Result<std::unique_ptr<FileSource>> open(const std::string& path);
    std::uint64_t size() const override { return file_.size; }
    Result<std::string_view> read(std::uint64_t offset, std::size_t length) override;
    /// All bytes that have been read.
    std::uint64_t bytes_read() const { return bytes_read_; }
    /// Asked before each read with what has been read so far; false ends it with an error.
    void set_watch(std::function<bool(std::uint64_t bytes)> watch) { watch_ = std::move(watch); }

private:
    explicit FileSource(ReadableFile file) : file_(std::move(file)) {}

    ReadableFile file_;
    std::uint64_t bytes_read_ = 0;
    std::string buffer_;
    std::function<bool(std::uint64_t)> watch_;
};

} // namespace weighbridge
