#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>

namespace weighbridge {

/// Takes JSON documents from a stream one after the other: one per line, or spread over lines, as long as each begins
/// on a line of its own. Only brackets and quotes are looked at; whether a document is JSON is for the parser to say.
/// Holds one document at a time.
class DocumentReader
{
public:
    /// Longer documents are cut there, which the parser then refuses.
    DocumentReader(std::istream& in, std::size_t longest) : in_(in), longest_(longest) {}

    /// False at the end of the stream, or where it can't be read: then `failed()`.
    bool next(std::string& document);

    bool failed() const { return failed_; }
    /// Where the last document began, from 1.
    std::int64_t line() const { return line_; }

private:
    bool read_line(std::string& line);
    int next_letter();

    std::istream& in_;
    std::size_t longest_;
    std::int64_t lines_read_ = 0;
    std::int64_t line_ = 0;
    bool failed_ = false;
};

} // namespace weighbridge
