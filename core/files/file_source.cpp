#include "core/files/file_source.h"

#include <cerrno>

#include <unistd.h>

namespace weighbridge {

Result<std::unique_ptr<FileSource>> FileSource::open(const std::string& path)
{
    auto file = open_for_reading(path);
    if (!file)
        return file.error();
    return std::unique_ptr<FileSource>(new FileSource(std::move(*file)));
}

Result<std::string_view> FileSource::read(std::uint64_t offset, std::size_t length)
{
    if (watch_ && !watch_(bytes_read_))
        return Error{{}, "it was given up"};
    buffer_.resize(length);
    std::size_t done = 0;
    while (done < length) {
        const ssize_t got =
            ::pread(file_.descriptor.number(), buffer_.data() + done, length - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return Error{{}, system_reason(errno)};
        if (got == 0)
            return Error{{}, "it was shortened while it was read"};
        done += static_cast<std::size_t>(got);
    }
    bytes_read_ += length;
    return std::string_view(buffer_);
}

} // namespace weighbridge
