#include "core/files/file_source.h"

#include "core/files/files.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weighbridge {

Result<std::unique_ptr<FileSource>> FileSource::open(const std::string& path)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const int code = errno;
    struct stat status = {};
    if (descriptor < 0 || ::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        if (descriptor >= 0)
            ::close(descriptor);
        const std::string why = descriptor < 0 && code == ENOENT ? "there is no such file"
                                : descriptor < 0                 ? system_reason(code)
                                                                 : "it is no regular file";
        return Error{path, path + " can't be read: " + why};
    }
    return std::unique_ptr<FileSource>(new FileSource(descriptor, static_cast<std::uint64_t>(status.st_size)));
}

FileSource::~FileSource()
{
    ::close(descriptor_);
}

Result<std::string_view> FileSource::read(std::uint64_t offset, std::size_t length)
{
    if (watch_ && !watch_(bytes_read_))
        return Error{{}, "it was given up"};
    buffer_.resize(length);
    std::size_t done = 0;
    while (done < length) {
        const ssize_t got =
            ::pread(descriptor_, buffer_.data() + done, length - done, static_cast<off_t>(offset + done));
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
