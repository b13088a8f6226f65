// docs/accuracy.md is what the code says, and the other forms of the report say the same.

#include "core/accuracy/reports.h"
#include "core/accuracy/wording.h"
#include "core/report/markdown_text.h"
#include "core/report/table_writers.h"
#include "core/report/text_lines.h"
#include "tests/core/accuracy/bundled_accuracy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

namespace weighbridge::testing {
namespace {

std::vector<std::string> lines(const std::string& text)
{
    std::vector<std::string> all;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        all.push_back(line);
    return all;
}

/// The first line that differs, so that a failing test prints two lines and not two pages.
std::string first_difference(const std::string& written, const std::string& kept)
{
    const auto one = lines(written);
    const auto other = lines(kept);
    for (std::size_t i = 0; i < std::max(one.size(), other.size()); ++i) {
        const std::string a = i < one.size() ? one[i] : "(end)";
        const std::string b = i < other.size() ? other[i] : "(end)";
        if (a != b)
            return "line " + std::to_string(i + 1) + "\n written: " + a + "\n kept:    " + b;
    }
    return {};
}

TEST(AccuracyReports, DocsAreAsTheCodeSays)
{
    const std::string path = WEIGHBRIDGE_DOCS "/accuracy.md";
    const std::string page = accuracy_markdown(accuracy());
    if (std::getenv("WEIGHBRIDGE_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::binary) << page;
        return;
    }
    std::ifstream file(path, std::ios::binary);
    ASSERT_TRUE(file) << path;
    const std::string kept{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(first_difference(page, kept), "");
}

TEST(AccuracyReports, SayPlainlyWhatIsMissed)
{
    const std::string page = accuracy_markdown(accuracy());
    for (const SetAccuracy& set : accuracy().sets) {
        EXPECT_NE(page.find("## " + std::string(set.set->title) + "\n"), std::string::npos) << set.set->title;
        for (const FigureAccuracy& figure : set.figures)
            for (const AccuracyPoint& point : figure.points)
                if (point.misses()) {
                    const std::string& id = set.runs[point.run].id;
                    EXPECT_NE(page.find("| " + markdown_escaped(id) + ", "), std::string::npos) << id;
                }
    }
}

TEST(AccuracyReports, CsvHasALineForEveryRunOfEveryFigure)
{
    const std::string csv = tables_csv(accuracy_tables(accuracy()));
    const std::string runs = csv.substr(0, csv.find("\r\n\r\n"));
    std::size_t points = 0;
    for (const SetAccuracy& set : accuracy().sets)
        for (const FigureAccuracy& figure : set.figures)
            points += figure.points.size();
    EXPECT_EQ(static_cast<std::size_t>(std::count(runs.begin(), runs.end(), '\n')), points); // and the header
    EXPECT_NE(runs.find("\r\nvllm,weights,GiB,vllm-0001,codellama/CodeLlama-7b-hf,0.19.0,"), std::string::npos);
}

TEST(AccuracyReports, TextFitsATerminal)
{
    for (const std::string& line : lines(accuracy_text(accuracy())))
        EXPECT_LE(text_width(line), 80U) << line;
}

} // namespace
} // namespace weighbridge::testing
