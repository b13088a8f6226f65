#include "core/files/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <streambuf>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weighbridge {

namespace {

namespace fs = std::filesystem;

/// The file a path stands for, through symbolic links, so that a link stays a link.
std::string resolved(const std::string& path)
{
    std::error_code error;
    const fs::path target = fs::weakly_canonical(path, error);
    return error ? path : target.string();
}

/// A new file gets what the umask allows, an old one keeps its permissions.
void set_permissions(int descriptor, const std::string& path, WriteInto into)
{
    struct stat old = {};
    const mode_t mask = ::umask(0);
    ::umask(mask);
    mode_t mode = ::stat(path.c_str(), &old) == 0 ? old.st_mode & 0777U : 0666U & ~mask;
    if (into == WriteInto::private_files)
        mode = 0600U;
    // Where that is refused the file keeps the narrower permissions it was made with.
    [[maybe_unused]] const int refused = ::fchmod(descriptor, mode);
}

/// No signal ends the program while it lives: between a name that is made and its renaming.
class SignalsHeld
{
public:
    SignalsHeld()
    {
        sigset_t all = {};
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;

private:
    sigset_t before_ = {};
};

/// All of the bytes, or the error number.
int write_all(int descriptor, const char* bytes, std::size_t count)
{
    while (count > 0) {
        const ssize_t written = ::write(descriptor, bytes, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? errno : ENOSPC;
        bytes += written;
        count -= static_cast<std::size_t>(written);
    }
    return 0;
}

int copy_all(int from, int to)
{
    std::array<char, 65'536> piece; // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills it
    if (::lseek(from, 0, SEEK_SET) != 0)
        return errno;
    while (true) {
        const ssize_t got = ::read(from, piece.data(), piece.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? errno : 0;
        if (const int code = write_all(to, piece.data(), static_cast<std::size_t>(got)); code != 0)
            return code;
    }
}

/// Whether the bytes are on the disk; systems without one have nothing to wait for.
int synchronize(int descriptor)
{
    return ::fsync(descriptor) == 0 || errno == EINVAL || errno == ENOSYS ? 0 : errno;
}

/// A file in the folder of `target` that has no name.
Descriptor nameless_file(const std::string& target)
{
    const std::string folder = fs::path(target).parent_path().string();
    Descriptor file(::open(folder.empty() ? "." : folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (file.is_open() || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return file;
    const SignalsHeld held; // file systems that make none: a name for a moment
    std::string name = target + ".XXXXXX";
    file = Descriptor(::mkostemp(name.data(), O_CLOEXEC));
    if (file.is_open())
        ::unlink(name.c_str());
    return file;
}

/// A name beside `target` for what has none, by a link or, where those can't be made, by a copy. Zero or the error
/// number.
int give_name(int descriptor, const std::string& target, std::string& name)
{
    constexpr int tries = 100;
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    for (int attempt = 0; attempt < tries; ++attempt) {
        name = target + "." + std::to_string(::getpid()) + "-" + std::to_string(attempt);
        if (::linkat(AT_FDCWD, link.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0)
            return 0;
        if (errno != EEXIST)
            break;
    }
    name = target + ".XXXXXX";
    const Descriptor copy(::mkostemp(name.data(), O_CLOEXEC));
    if (!copy.is_open())
        return errno;
    struct stat made = {};
    if (::fstat(descriptor, &made) == 0) // where it is refused, the narrower ones stay
        [[maybe_unused]]
        const int refused = ::fchmod(copy.number(), made.st_mode & 0777U);
    int code = copy_all(descriptor, copy.number());
    if (code == 0)
        code = synchronize(copy.number());
    if (code != 0)
        ::unlink(name.c_str());
    return code;
}

} // namespace

/// Writes into a descriptor and keeps the first error's number.
class ReplacedFile::Buffer : public std::streambuf
{
public:
    explicit Buffer(int descriptor) : descriptor_(descriptor) { setp(piece_.data(), piece_.data() + piece_.size()); }

    int code() const { return code_; }

protected:
    int_type overflow(int_type letter) override
    {
        if (sync() != 0)
            return traits_type::eof();
        if (!traits_type::eq_int_type(letter, traits_type::eof()))
            sputc(traits_type::to_char_type(letter));
        return traits_type::not_eof(letter);
    }

    int sync() override
    {
        if (code_ == 0)
            code_ = write_all(descriptor_, pbase(), static_cast<std::size_t>(pptr() - pbase()));
        setp(piece_.data(), piece_.data() + piece_.size());
        return code_ == 0 ? 0 : -1;
    }

private:
    int descriptor_;
    int code_ = 0;
    std::array<char, 65'536> piece_ = {};
};

Result<std::string> read_file(const std::string& path, std::size_t limit)
{
    const auto file = open_for_reading(path, Pipes::from_shell);
    if (!file)
        return file.error();
    const auto failed = [&](const std::string& why) {
        return Error{shown_path(path), shown_path(path) + " can't be read: " + why};
    };
    std::string text;
    std::array<char, 65'536> piece; // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills it
    while (true) {
        const ssize_t got = ::read(file->descriptor.number(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failed(system_reason(errno));
        if (got == 0)
            return text;
        text.append(piece.data(), static_cast<std::size_t>(got));
        if (text.size() > limit)
            return failed("it has more than " + std::to_string(limit) + " bytes, the most that are read");
    }
}

Outcome write_file(const std::string& path, std::string_view text, WriteInto into)
{
    ReplacedFile file(path, into);
    if (file.problem())
        return file.problem();
    file.stream().write(text.data(), static_cast<std::streamsize>(text.size()));
    return file.commit();
}

ReplacedFile::ReplacedFile(std::string path, WriteInto into) : path_(std::move(path))
{
    const std::string target = resolved(path_);
    std::error_code error;
    if (fs::is_directory(target, error)) {
        problem_ = failed("it is a folder", 0);
        return;
    }
    replaces_ = !fs::exists(target, error) || fs::is_regular_file(target, error);
    if (!replaces_ && into != WriteInto::anything) {
        problem_ = failed("it is no regular file", 0);
        return;
    }
    open(target, into);
}

ReplacedFile::~ReplacedFile() = default;

void ReplacedFile::open(const std::string& target, WriteInto into)
{
    descriptor_ =
        replaces_ ? nameless_file(target) : Descriptor(::open(target.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
    if (!descriptor_.is_open()) {
        problem_ = failed({}, errno);
        return;
    }
    if (replaces_) {
        set_permissions(descriptor_.number(), target, into);
        path_ = target;
    }
    buffer_ = std::make_unique<Buffer>(descriptor_.number());
    stream_ = std::make_unique<std::ostream>(buffer_.get());
}

Outcome ReplacedFile::commit()
{
    if (problem_)
        return problem_;
    stream_->flush();
    if (!stream_->good())
        return problem_ = failed({}, buffer_->code());
    if (!replaces_)
        return {};
    int code = synchronize(descriptor_.number());
    if (code == 0)
        code = take_place();
    if (code != 0)
        return problem_ = failed({}, code);
    return {};
}

int ReplacedFile::take_place()
{
    const SignalsHeld held;
    std::string name;
    if (const int code = give_name(descriptor_.number(), path_, name); code != 0)
        return code;
    if (std::rename(name.c_str(), path_.c_str()) == 0)
        return 0;
    const int code = errno;
    ::unlink(name.c_str());
    return code;
}

Error ReplacedFile::failed(std::string_view what, int code) const
{
    const std::string why = !what.empty() ? std::string(what) : code != 0 ? system_reason(code) : "writing failed";
    return {shown_path(path_), shown_path(path_) + " can't be written: " + why};
}

} // namespace weighbridge
