#pragma once

#include "core/quantity/result.h"

#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

namespace weighbridge {

/// No config and no scenario is larger; a larger file was not meant.
inline constexpr std::size_t largest_text_file = 8'388'608; // 8 MiB

/// What the system says of an errno.
std::string system_reason(int code);

/// The bytes of a regular file of at most `limit` bytes. The error names the file and the reason.
Result<std::string> read_file(const std::string& path, std::size_t limit = largest_text_file);

/// Replaces or makes a file. The text goes to a temporary file in the same folder, which then takes the place of the
/// old one, so that a failure leaves the old file as it was. The error names the path and the reason.
Outcome write_file(const std::string& path, std::string_view text);

/// The same for a text that is made piece by piece: write into `stream()`, then `commit()`. Without a commit the old
/// file stays.
class ReplacedFile
{
public:
    explicit ReplacedFile(std::string path);
    ~ReplacedFile();
    ReplacedFile(const ReplacedFile&) = delete;
    ReplacedFile& operator=(const ReplacedFile&) = delete;

    /// Why there is nothing to write into, or nothing.
    const Outcome& problem() const { return problem_; }
    std::ostream& stream() { return *stream_; }
    Outcome commit();

private:
    Error failed(std::string_view what, int code) const;

    std::string path_;
    std::string temporary_;
    std::unique_ptr<std::ostream> stream_;
    Outcome problem_;
};

} // namespace weighbridge
