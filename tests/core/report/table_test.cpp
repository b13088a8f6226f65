// One table, written four ways; what is expected was written by hand.

#include "core/report/table_writers.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

namespace weighbridge {
namespace {

/// Something of every kind: a tree, a column for each reader, null, nothing, a list, formulas, a sum.
Table parts()
{
    constexpr ColumnKind number = ColumnKind::number;
    Table table{.id = "parts",
                .columns = {{"name", "Part"},
                            {"size.bytes", "GiB", number},
                            {"", "Share", number, For::people},
                            {"heads", "", number, For::programs},
                            {"exact", "", number, For::csv, "is_exact"},
                            {"exact", "", ColumnKind::yes_no, For::json},
                            {"formula.symbols", "Formula", ColumnKind::code, For::all, "symbols"},
                            {"formula.numbers", "Numbers", ColumnKind::code, For::all, "numbers"},
                            {"sources", "", ColumnKind::text, For::programs}},
                .children = "parts"};
    table.rows = {{{text_cell("Weights"),
                    count_cell(2147483648, "2.00"),
                    text_cell("80 %"),
                    {},
                    flag_cell(true),
                    flag_cell(true),
                    text_cell("n · b"),
                    text_cell("2^30 × 2"),
                    list_cell({"a", "b"})}},
                  {{text_cell("=Norms|<b>"), count_cell(1024, "<0.01"), text_cell("<0.1 %"), unknown_cell(),
                    flag_cell(false), flag_cell(false), text_cell("512 × 2"), text_cell("512 × 2"), list_cell({})},
                   1},
                  {{text_cell("Cache, \"KV\""),
                    number_cell(0.5, "0.50"),
                    text_cell("20 %"),
                    count_cell(8),
                    flag_cell(true),
                    flag_cell(true),
                    {},
                    {},
                    list_cell({"c"})}},
                  {{text_cell("Total"),
                    count_cell(3, "2.50"),
                    text_cell("100 %"),
                    {},
                    flag_cell(true),
                    flag_cell(true),
                    {},
                    {},
                    {}},
                   0,
                   Emphasis::sum}};
    return table;
}

TEST(TableWriters, Text)
{
    EXPECT_EQ(table_text(parts()), "Part            GiB   Share\n"
                                   "Weights        2.00    80 %\n"
                                   "    n · b\n"
                                   "    = 2^30 × 2\n"
                                   "  =Norms|<b>  <0.01  <0.1 %\n"
                                   "      512 × 2\n"
                                   "Cache, \"KV\"    0.50    20 %\n"
                                   "Total          2.50   100 %\n");
}

TEST(TableWriters, Markdown)
{
    EXPECT_EQ(table_markdown(parts()), "| Part | GiB | Share | Formula | Numbers |\n"
                                       "|---|---:|---:|---|---|\n"
                                       "| Weights | 2.00 | 80 % | `n · b` | `2^30 × 2` |\n"
                                       "| &emsp;=Norms\\|\\<b\\> | <0.01 | <0.1 % | `512 × 2` | `512 × 2` |\n"
                                       "| Cache, \"KV\" | 0.50 | 20 % |  |  |\n"
                                       "| Total | 2.50 | 100 % |  |  |\n");
}

TEST(TableWriters, Csv)
{
    EXPECT_EQ(table_csv(parts()), "name,size_bytes,heads,is_exact,symbols,numbers,sources\r\n"
                                  "Weights,2147483648,,true,n · b,2^30 × 2,a; b\r\n"
                                  "'=Norms|<b>,1024,,false,512 × 2,512 × 2,\r\n"
                                  "\"Cache, \"\"KV\"\"\",0.5,8,true,,,c\r\n"
                                  "Total,3,,true,,,\r\n");
}

TEST(TableWriters, Json)
{
    EXPECT_EQ(table_json(parts()).dump(),
              R"([{"name":"Weights","size":{"bytes":2147483648},"exact":true,)"
              R"("formula":{"symbols":"n · b","numbers":"2^30 × 2"},"sources":["a","b"],"parts":[)"
              R"({"name":"=Norms|<b>","size":{"bytes":1024},"heads":null,"exact":false,)"
              R"("formula":{"symbols":"512 × 2","numbers":"512 × 2"},"sources":[],"parts":[]}]},)"
              R"({"name":"Cache, \"KV\"","size":{"bytes":0.5},"heads":8,"exact":true,)"
              R"("formula":{"symbols":"","numbers":""},"sources":["c"],"parts":[]}])");
}

TEST(TableWriters, SeveralBelowEachOther)
{
    const std::vector<Table> tables = {
        {.id = "one", .title = "One", .note = "What it counts", .columns = {{"a", "A"}}, .rows = {{{text_cell("x")}}}},
        {.id = "two", .columns = {{"b", "B", ColumnKind::yes_no}}, .rows = {{{flag_cell(true)}}}, .notes = {"why"}}};
    EXPECT_EQ(tables_text(tables), "One\nWhat it counts.\n\nA\nx\n\nB\n\n(1) why\n");
    EXPECT_EQ(tables_markdown(tables), "### One\n\nWhat it counts.\n\n| A |\n|---|\n| x |\n\n| B |\n|---|\n|  |\n\n(1) "
                                       "why.\n");
    EXPECT_EQ(tables_csv(tables), "a\r\nx\r\n\r\nb\r\nyes\r\n");
    EXPECT_EQ(tables_json(tables).dump(), R"({"one":[{"a":"x"}],"two":[{"b":true}]})");
}

TEST(TableWriters, NumbersAreWrittenInFull)
{
    constexpr double infinite = std::numeric_limits<double>::infinity();
    struct Case
    {
        Cell cell;
        const char* csv;
        const char* json;
    };
    const Case cases[] = {
        {number_cell(16), "16", "16"},
        {real_cell(16), "16", "16.0"},
        {number_cell(0.1), "0.1", "0.1"},
        {number_cell(infinite), "", "null"},
        {number_cell(std::nan("")), "", "null"},
        {known_cell(0), "", "null"},
        {known_cell(7), "7", "7"},
        {count_cell(-81'449'730'048, "-75.86"), "-81449730048", "-81449730048"},
        {empty_cell("not measured"), "", "null"},
        {text_cell("8/4"), "8/4", "\"8/4\""},
        {flag_cell(true), "true", "true"},
    };
    for (const Case& one : cases) {
        const Table table{.columns = {{"v", "", ColumnKind::number, For::programs}}, .rows = {{{one.cell}}}};
        EXPECT_EQ(table_csv(table), std::string("v\r\n") + one.csv + "\r\n");
        EXPECT_EQ(row_json(table).dump(), std::string("{\"v\":") + one.json + "}");
    }
    const Table nothing{.columns = {{"v", "", ColumnKind::number, For::programs}}, .rows = {{{Cell{}}}}};
    EXPECT_EQ(row_json(nothing).dump(), "{}");
}

TEST(TableWriters, SpareColumnsGiveWayInATerminal)
{
    Table table{.columns = {{"", "Name", ColumnKind::text, For::people, "", "N", true}, {"", "Why"}},
                .rows = {{{text_cell(std::string(70, 'n')), text_cell(std::string(28, 'w'))}}}};
    EXPECT_EQ(table_text(table),
              "N" + std::string(51, ' ') + "Why\n" + std::string(49, 'n') + "…  " + std::string(28, 'w') + "\n")
        << "80 letters: 50, two blanks and 28";
    table.rows[0].cells[1].text = "\x1b[2Jred";
    EXPECT_EQ(table_text(table).find('\x1b'), std::string::npos);
    EXPECT_EQ(table_text(table, 5), "N      Why\nnnnn…  ?[2J…\n");
}

TEST(Tables, SortWhatIsNothingLast)
{
    std::vector<Table> tables(1);
    tables[0].columns = {{"n", "N", ColumnKind::number}, {"t", "T"}};
    tables[0].rows = {
        {{empty_cell(), text_cell("b")}}, {{number_cell(2.5), text_cell("c")}}, {{count_cell(1), text_cell("a")}}};
    const auto order = [&] {
        std::string letters;
        for (const Row& row : tables[0].rows)
            letters += row.cells[1].text;
        return letters;
    };
    ASSERT_FALSE(sort_tables(tables, "n"));
    EXPECT_EQ(order(), "acb");
    ASSERT_FALSE(sort_tables(tables, "n", true));
    EXPECT_EQ(order(), "cab");
    ASSERT_FALSE(sort_tables(tables, "t"));
    EXPECT_EQ(order(), "abc");
    EXPECT_TRUE(sort_tables(tables, "size"));
}

} // namespace
} // namespace weighbridge
