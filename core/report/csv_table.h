#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

/// CSV as every report writes it: quoted as RFC 4180 says, CRLF at line ends.
namespace weighbridge::csv {

/// One cell, made by one of the functions below, so that no text gets in unguarded.
struct Cell
{
    std::string text;
};

/// Texts that a spreadsheet would run as a formula ("=…", "+…", "-…", "@…") get an apostrophe in front.
Cell text(std::string_view value);
Cell count(std::int64_t value);
/// Empty for what is no number.
Cell number(double value);

/// Several tables one below the other, an empty line between them.
class Table
{
public:
    void section(std::initializer_list<std::string_view> header);
    /// Sets off what follows; its header is then the first row.
    void section();
    void row(std::initializer_list<Cell> cells) { row(std::span(cells.begin(), cells.size())); }
    void row(std::span<const Cell> cells);
    std::string take() && { return std::move(csv_); }

private:
    std::string csv_;
};

} // namespace weighbridge::csv
