#pragma once

#include "core/report/table.h"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>

namespace weighbridge {

/// The four ways in which every table is written. None knows any table by name: what a list has to say stands in its
/// columns and cells.

/// Characters of a line in a terminal.
inline constexpr std::size_t line_width = 80;

/// For terminals: aligned columns, two spaces apart and without trailing blanks, title and note above where there are
/// any. Cells longer than `longest_cell` are cut (0: none); those of elastic columns until a line holds all.
/// Formulas stand below their row.
std::string table_text(const Table& table, std::size_t longest_cell = 0);
/// GitHub's flavour.
std::string table_markdown(const Table& table);
/// A header line and the rows, quoted as RFC 4180 says, CRLF at line ends; whole bytes in place of GiB. Texts that a
/// spreadsheet would run as a formula ("=…", "+…", "-…", "@…") get an apostrophe in front.
std::string table_csv(const Table& table);
/// The rows as an array of objects; parts within their whole, under `Table::children`.
nlohmann::ordered_json table_json(const Table& table);
/// The only row of a table, as an object.
nlohmann::ordered_json row_json(const Table& table);

/// Several below each other, an empty line between them.
std::string tables_text(std::span<const Table> tables, std::size_t longest_cell = 0);
std::string tables_markdown(std::span<const Table> tables);
std::string tables_csv(std::span<const Table> tables);
/// An object: the rows of each under its id.
nlohmann::ordered_json tables_json(std::span<const Table> tables);

nlohmann::ordered_json value_json(const Value& value);
/// Whole where it is one, null for what is no number.
nlohmann::ordered_json number_json(double value);
/// Null where there is no text.
nlohmann::ordered_json text_or_null(std::string_view text);

/// As text, with replacements for bytes that are no UTF-8 (names of folders may have some) rather than an exception.
std::string json_text(const nlohmann::ordered_json& json, bool one_line = false);

} // namespace weighbridge
