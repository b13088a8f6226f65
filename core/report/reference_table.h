#pragma once

#include "core/quantity/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A cell as it is read, and as a program takes it.
struct ReferenceCell
{
    std::string text;
    std::optional<double> value; ///< in full: bytes, a count, TFLOP/s; nothing where the text says it all
    std::string remark;          ///< why there is nothing, or what more there is to say
};

struct ReferenceColumn
{
    std::string_view id; ///< "int4_bytes", as CSV names and --sort takes it
    std::string heading; ///< "INT4, GiB"
    bool number = false;
};

/// One of the tables, ready to be shown, sorted and written.
struct ReferenceTable
{
    std::string_view id; ///< "inference", "accelerators"
    std::string title;
    std::string note; ///< what the figures count, in a sentence
    std::vector<ReferenceColumn> columns;
    std::vector<std::vector<ReferenceCell>> rows;
};

/// A cell of text alone.
ReferenceCell text_cell(std::string text, std::string remark = {});
/// A whole number.
ReferenceCell count_cell(std::int64_t count, std::string text);
/// "—", with the reason.
ReferenceCell empty_cell(std::string remark = {});

/// Sorts by a column; numbers from the smallest, with `descending` the other way round; what is nothing last.
void sort_by(ReferenceTable& table, std::size_t column, bool descending = false);

/// Sorts each table that has the column of that id so. The error names a column that no table has.
Outcome sort_reference(std::vector<ReferenceTable>& tables, std::string_view column, bool descending = false);

/// For terminals: long texts are cut.
std::string reference_text(const std::vector<ReferenceTable>& tables);
std::string reference_markdown(const std::vector<ReferenceTable>& tables);
/// Whole bytes in place of GiB.
std::string reference_csv(const std::vector<ReferenceTable>& tables);

} // namespace weighbridge
