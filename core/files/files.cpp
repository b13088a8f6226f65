#include "core/files/files.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace weighbridge {

namespace {

namespace fs = std::filesystem;

/// Places in messages: control characters, which a terminal would obey, as "?".
std::string shown(const std::string& path)
{
    std::string safe = path;
    for (char& letter : safe)
        if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F)
            letter = '?';
    return safe;
}

Error cannot_read(const std::string& path, const std::string& why)
{
    return {shown(path), shown(path) + " can't be read: " + why};
}

/// The file a path stands for, through symbolic links, so that a link stays a link.
std::string resolved(const std::string& path)
{
    std::error_code error;
    const fs::path target = fs::weakly_canonical(path, error);
    return error ? path : target.string();
}

/// A new file gets what the umask allows, an old one keeps its permissions.
void set_permissions(int descriptor, const std::string& path)
{
    struct stat old = {};
    const mode_t mask = ::umask(0);
    ::umask(mask);
    const mode_t mode = ::stat(path.c_str(), &old) == 0 ? old.st_mode & 0777U : 0666U & ~mask;
    // Where that is refused the file keeps the narrower permissions it was made with.
    [[maybe_unused]] const int refused = ::fchmod(descriptor, mode);
}

} // namespace

std::string system_reason(int code)
{
    return std::generic_category().message(code);
}

Result<std::string> read_file(const std::string& path, std::size_t limit)
{
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status))
        return cannot_read(path, error && error.value() != ENOENT ? error.message() : "there is no such file");
    if (fs::is_directory(status))
        return cannot_read(path, "it is a folder");

    std::ifstream file(path, std::ios::binary);
    if (!file)
        return cannot_read(path, system_reason(errno));
    std::string text;
    std::vector<char> piece(65'536);
    while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())), file.gcount() > 0) {
        text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
        if (text.size() > limit)
            return cannot_read(path, "it has more than " + std::to_string(limit) + " bytes, the most that are read");
    }
    if (file.bad())
        return cannot_read(path, system_reason(errno));
    return text;
}

Outcome write_file(const std::string& path, std::string_view text)
{
    ReplacedFile file(path);
    if (file.problem())
        return file.problem();
    file.stream().write(text.data(), static_cast<std::streamsize>(text.size()));
    return file.commit();
}

ReplacedFile::ReplacedFile(std::string path) : path_(std::move(path))
{
    const std::string target = resolved(path_);
    std::error_code error;
    if (fs::is_directory(target, error)) {
        problem_ = failed("it is a folder", 0);
        return;
    }
    if (fs::exists(target, error) && !fs::is_regular_file(target, error)) {
        // A device or a pipe (/dev/stdout) has no old contents to keep.
        auto stream = std::make_unique<std::ofstream>(target, std::ios::binary);
        if (!*stream)
            problem_ = failed({}, errno);
        stream_ = std::move(stream);
        return;
    }
    std::string name = target + ".XXXXXX";
    const int descriptor = ::mkstemp(name.data());
    if (descriptor < 0) {
        problem_ = failed({}, errno);
        return;
    }
    set_permissions(descriptor, target);
    ::close(descriptor);
    temporary_ = name;
    path_ = target;
    stream_ = std::make_unique<std::ofstream>(temporary_, std::ios::binary | std::ios::trunc);
    if (!*stream_)
        problem_ = failed({}, errno);
}

ReplacedFile::~ReplacedFile()
{
    if (!temporary_.empty())
        std::remove(temporary_.c_str());
}

Outcome ReplacedFile::commit()
{
    if (problem_)
        return problem_;
    errno = 0;
    stream_->flush();
    const bool written = stream_->good();
    const int code = errno;
    stream_.reset();
    if (!written)
        return problem_ = failed({}, code);
    if (!temporary_.empty() && std::rename(temporary_.c_str(), path_.c_str()) != 0)
        return problem_ = failed({}, errno);
    temporary_.clear();
    return {};
}

Error ReplacedFile::failed(std::string_view what, int code) const
{
    const std::string why = !what.empty() ? std::string(what) : code != 0 ? system_reason(code) : "writing failed";
    return {shown(path_), shown(path_) + " can't be written: " + why};
}

} // namespace weighbridge
