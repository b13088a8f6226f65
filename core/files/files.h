#pragma once

#include "core/files/opened_file.h"
#include "core/quantity/result.h"

#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

namespace weighbridge {

/// No config and no scenario is larger; a larger file was not meant.
inline constexpr std::size_t largest_text_file = 8'388'608; // 8 MiB

/// The bytes of a regular file, or of a pipe that a shell handed over, of at most `limit` bytes. The error names the
/// file and the reason.
Result<std::string> read_file(const std::string& path, std::size_t limit = largest_text_file);

/// Where a text may go.
enum class WriteInto
{
    anything,      ///< devices and pipes too (/dev/stdout), which have no old contents to keep
    files,         ///< regular files, old or new
    private_files, ///< the same, and only its owner may read it
};

/// Replaces or makes a file. The text goes to a temporary file, which takes the place of the old one once all of it is
/// on the disk, so that a failure leaves the old file as it was. The error names the path and the reason.
Outcome write_file(const std::string& path, std::string_view text, WriteInto into = WriteInto::anything);

/// The same for a text that is made piece by piece: write into `stream()`, then `commit()`. Without a commit the old
/// file stays. Until then the temporary file has no name, so that nothing is left behind whatever ends the program.
class ReplacedFile
{
public:
    explicit ReplacedFile(std::string path, WriteInto into = WriteInto::anything);
    ~ReplacedFile();
    ReplacedFile(const ReplacedFile&) = delete;
    ReplacedFile& operator=(const ReplacedFile&) = delete;

    /// Why there is nothing to write into, or nothing.
    const Outcome& problem() const { return problem_; }
    std::ostream& stream() { return *stream_; }
    Outcome commit();

private:
    class Buffer;

    void open(const std::string& target, WriteInto into);
    int take_place();
    Error failed(std::string_view what, int code) const;

    std::string path_;
    Descriptor descriptor_;
    bool replaces_ = false; ///< a regular file; else what is written is there at once
    std::unique_ptr<Buffer> buffer_;
    std::unique_ptr<std::ostream> stream_;
    Outcome problem_;
};

} // namespace weighbridge
