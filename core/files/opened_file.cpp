#include "core/files/opened_file.h"

#include "core/quantity/printable.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weighbridge {

namespace {

bool is_handed_over(const std::string& path)
{
    return path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/");
}

} // namespace

Descriptor::~Descriptor()
{
    if (number_ >= 0)
        ::close(number_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept
{
    std::swap(number_, other.number_);
    return *this;
}

int Descriptor::release()
{
    return std::exchange(number_, -1);
}

Result<ReadableFile> open_for_reading(const std::string& path, Pipes pipes)
{
    const auto failed = [&](const std::string& why) {
        return Error{shown_path(path), shown_path(path) + " can't be read: " + why};
    };
    ReadableFile file;
    file.descriptor = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.descriptor.is_open())
        return failed(errno == ENOENT ? "there is no such file" : system_reason(errno));
    struct stat status = {};
    if (::fstat(file.descriptor.number(), &status) != 0)
        return failed(system_reason(errno));
    file.is_pipe = S_ISFIFO(status.st_mode) && pipes == Pipes::from_shell && is_handed_over(path);
    if (S_ISDIR(status.st_mode))
        return failed("it is a folder");
    if (!S_ISREG(status.st_mode) && !file.is_pipe)
        return failed("it is no regular file");
    if (file.is_pipe) {
        const int flags = ::fcntl(file.descriptor.number(), F_GETFL);
        if (flags < 0 || ::fcntl(file.descriptor.number(), F_SETFL, flags & ~O_NONBLOCK) != 0)
            return failed(system_reason(errno));
    }
    file.size = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
    return file;
}

std::string shown_path(const std::string& path)
{
    return printable(path);
}

std::string system_reason(int code)
{
    return std::generic_category().message(code);
}

} // namespace weighbridge
