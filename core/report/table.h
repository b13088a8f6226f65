#pragma once

#include "core/quantity/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weighbridge {

/// What a program takes for a cell. Without a value (monostate) its text stands for it, and where that is empty JSON
/// leaves the key out; nullptr is null: nobody knows. Both are empty in CSV. A real number keeps its point in JSON
/// ("16.0").
using Value = std::variant<std::monostate, std::nullptr_t, bool, std::int64_t, double, std::vector<std::string>>;

/// What a cell is beside its text: how a window draws it.
enum class Mark
{
    none,
    good,
    bad,
    quiet,
    tag,
    strong_tag,
};

/// A cell as it is read, and as a program takes it.
struct Cell
{
    std::string text;
    Value value = {};        ///< in full: bytes, a count, TFLOP/s; of a column of texts only what it is sorted by
    std::string remark = {}; ///< why there is nothing, or what more there is to say
    Mark mark = Mark::none;
};

enum class ColumnKind
{
    text,
    number, ///< at the right; programs take the value
    yes_no, ///< a bool that CSV writes as "yes" or "no"
    code,   ///< a formula: code in Markdown; below its row in a terminal
};

/// Who gets a column.
enum class For
{
    all,
    people,   ///< text, Markdown, the window
    programs, ///< CSV and JSON
    csv,
    json,
};

struct Column
{
    std::string id = {};      ///< "int4_bytes", as --sort takes it and CSV names it; in JSON a dot in it nests
    std::string heading = {}; ///< "INT4, GiB"
    ColumnKind kind = ColumnKind::text;
    For who = For::all;
    std::string csv = {};    ///< its name in CSV, where it is not the id with dots as underscores
    std::string narrow = {}; ///< the heading in a terminal, where it is another
    bool elastic = false;    ///< its texts are shortened where a line of a terminal is full
    std::string tip = {};    ///< more of it, in a window
    int spare = 0;           ///< 0: always in sight; in a narrow window the highest give way first
    bool whole = false;      ///< a text that a window never shortens
    bool below = false;      ///< a sentence, which a terminal has below the row

    bool is_shown() const { return who == For::all || who == For::people; }
    bool is_in_csv() const { return who == For::all || who == For::programs || who == For::csv; }
    bool is_in_json() const { return who == For::all || who == For::programs || who == For::json; }
};

enum class Emphasis
{
    plain,
    strong, ///< the one to look at first
    quiet,
    sum, ///< of the rows above; JSON has it beside the list, not in it
};

struct Row
{
    std::vector<Cell> cells;
    int depth = 0; ///< parts follow their whole, one deeper
    Emphasis emphasis = Emphasis::plain;
};

/// Facts in rows, ready to be shown, sorted and written in every format.
struct Table
{
    std::string_view id = {}; ///< "inference", "accelerators"
    std::string title = {};
    std::string note = {}; ///< what the figures count, in a sentence without its full stop
    std::vector<Column> columns = {};
    std::vector<Row> rows = {};
    std::string_view children = {};      ///< the key in JSON under which a row has its parts
    std::vector<std::string> notes = {}; ///< below the rows, to which "(1)" in a cell refers
};

/// A cell of text alone.
Cell text_cell(std::string_view text, std::string remark = {});
/// Null where there is no text.
Cell text_or_unknown(std::string_view text);
/// A whole number; without a text only programs see it.
Cell count_cell(std::int64_t count, std::string text = {});
/// A whole number where it is one, null for what is no number.
Cell number_cell(double value, std::string text = {});
/// Real also where it happens to be whole.
Cell real_cell(double value, std::string text = {});
/// For figures whose 0 means that nobody knows.
Cell known_cell(double value, std::string text = {});
Cell flag_cell(bool value);
/// An array in JSON, joined by "; " elsewhere.
Cell list_cell(const std::vector<std::string>& texts);
/// null.
Cell unknown_cell(std::string text = {}, std::string remark = {});
/// "—", with the reason.
Cell empty_cell(std::string remark = {});

/// What a cell is sorted by; nothing where only its text is there.
std::optional<double> number_of(const Cell& cell);

/// Sorts by a column; numbers from the smallest, with `descending` the other way round; what is nothing last.
void sort_by(Table& table, std::size_t column, bool descending = false);

/// Sorts each table that has the column of that id so. The error names a column that no table has.
Outcome sort_tables(std::vector<Table>& tables, std::string_view column, bool descending = false);

} // namespace weighbridge
