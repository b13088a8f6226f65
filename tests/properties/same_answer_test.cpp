// One question has one answer: asked again, read back from its own report, with options that are said to have no
// effect, and in every format.

#include "tests/properties/scenarios.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>

namespace weighbridge::testing {
namespace {

constexpr std::uint32_t same_answer_seed = 41;

class SameAnswer : public ::testing::TestWithParam<Owner>
{
};

TEST_P(SameAnswer, AskedAgain)
{
    for (const auto& [scenario, report] : answered(GetParam(), 5, same_answer_seed))
        EXPECT_EQ(ask(scenario).report, report) << pasted(scenario);
}

// ---- formats

using Rows = std::vector<std::vector<std::string>>;

/// RFC 4180, with the apostrophes taken off that keep spreadsheets from running a text.
Rows read_csv(const std::string& text)
{
    Rows rows(1, {""});
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string& cell = rows.back().back();
        if (quoted && text[i] == '"' && text.substr(i, 2) == "\"\"")
            cell += text[i++];
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && text[i] == ',')
            rows.back().emplace_back();
        else if (!quoted && text[i] == '\n')
            rows.push_back({""});
        else if (quoted || text[i] != '\r')
            cell += text[i];
    }
    return rows;
}

/// The rows below that header.
Rows table_of(const Rows& rows, const std::string& first, const std::string& second)
{
    Rows table;
    bool inside = false;
    for (const auto& row : rows) {
        if (row.size() > 1 && row[0] == first && row[1] == second)
            inside = true;
        else if (row.size() == 1)
            inside = false;
        else if (inside)
            table.push_back(row);
    }
    return table;
}

void flatten(const json& terms, std::vector<json>& flat)
{
    for (const json& term : terms) {
        flat.push_back(term);
        flatten(term["terms"], flat);
    }
}

std::string text_of(const json& value)
{
    return value.is_null() ? "" : value.is_string() ? value.get<std::string>() : value.dump();
}

void expect_csv_agrees(const std::string& csv, const json& report, const json& scenario)
{
    const Rows rows = read_csv(csv);
    const Rows terms = table_of(rows, "id", "label");
    std::vector<json> flat;
    flatten(report["per_gpu"]["terms"], flat);
    ASSERT_GE(terms.size(), flat.size() + 1) << pasted(scenario);
    for (std::size_t i = 0; i < flat.size(); ++i) {
        const json& term = flat[i];
        const std::vector<std::string> wanted{text_of(term["id"]),         text_of(term["label"]),
                                              text_of(term["bytes"]),      text_of(term["low_bytes"]),
                                              text_of(term["high_bytes"]), text_of(term["basis"])};
        EXPECT_EQ(std::vector<std::string>(terms[i].begin(), terms[i].begin() + 6), wanted) << pasted(scenario);
    }
    EXPECT_EQ(terms[flat.size()][0], "total") << pasted(scenario);
    EXPECT_EQ(terms[flat.size()][2], text_of(report["per_gpu"]["total_bytes"])) << pasted(scenario);
    const Rows fits = table_of(rows, "accelerator", "name");
    ASSERT_EQ(fits.size(), report["fit"].size()) << pasted(scenario);
    for (std::size_t i = 0; i < fits.size(); ++i) {
        const json& fit = report["fit"][i];
        EXPECT_EQ(fits[i][0], text_of(fit["accelerator"])) << pasted(scenario);
        EXPECT_EQ(fits[i][3], text_of(fit["usable_bytes"])) << pasted(scenario);
        EXPECT_EQ(fits[i][4], text_of(fit["needed_bytes"])) << pasted(scenario);
        EXPECT_EQ(fits[i][7], text_of(fit["verdict"])) << pasted(scenario);
        EXPECT_EQ(fits[i][8], text_of(fit["gpus_needed"])) << pasted(scenario);
    }
}

/// A figure in GiB as it is printed: "1,234.56", "<0.01", "-3.20".
std::optional<double> printed_gib(std::string text)
{
    std::erase(text, ',');
    std::erase(text, '*');
    if (text.starts_with('<'))
        return 0.0;
    double value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc{} || end != text.data() + text.size() || text.find('.') == std::string::npos)
        return std::nullopt;
    return value;
}

/// Without Markdown's ways of indenting and escaping.
std::string bare(std::string text)
{
    std::erase(text, '\\');
    for (std::size_t at = text.find("&emsp;"); at != std::string::npos; at = text.find("&emsp;"))
        text.erase(at, 6);
    return text;
}

/// The lines that show the terms in their order, each with its label and its GiB.
void expect_shows_terms(const std::string& text, const json& report, const json& scenario)
{
    std::vector<json> flat;
    flatten(report["per_gpu"]["terms"], flat);
    std::istringstream lines(bare(text));
    for (const json& term : flat) {
        const double gib = term["bytes"].get<double>() / (1024.0 * 1024 * 1024);
        bool found = false;
        for (std::string line; !found && std::getline(lines, line);) {
            const std::size_t label = line.find(bare(term["label"].get<std::string>()));
            if (label == std::string::npos)
                continue;
            std::istringstream words(line.substr(label + bare(term["label"].get<std::string>()).size()));
            for (std::string word; words >> word;)
                if (const auto printed = printed_gib(word)) {
                    found = std::abs(*printed - gib) <= 0.0051;
                    break;
                }
        }
        EXPECT_TRUE(found) << "no line shows " << term["label"] << " with " << gib << " GiB" << pasted(scenario);
        if (!found)
            return;
    }
}

TEST_P(SameAnswer, InEveryFormat)
{
    for (const auto& [scenario, report] : answered(GetParam(), 6, same_answer_seed + 2)) {
        expect_csv_agrees(ask_for("csv", scenario), report, scenario);
        for (const char* format : {"table", "markdown"})
            expect_shows_terms(ask_for(format, scenario), report, scenario);
    }
}

INSTANTIATE_TEST_SUITE_P(Of, SameAnswer, ::testing::ValuesIn(every_owner()),
                         [](const auto& instance) { return owner_name(instance.param); });

} // namespace
} // namespace weighbridge::testing
