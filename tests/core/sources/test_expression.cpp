#include "core/sources/expression.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace weighbridge {

namespace {

using nlohmann::json;

struct Answer
{
    double value = 0;
    std::string error;
};

Answer answer(std::string_view expression, const json& config)
{
    ReadLog log;
    ConfigReader reader(&config, "", log);
    ExpressionScope scope{.config = &reader, .names = {{"n", 7}}, .prefixes = {{"outer", &reader}}};
    const double value = evaluate(expression, scope);
    return {value, log.error ? log.error->message : ""};
}

const json keys = {{"h", 4},
                   {"i", 6},
                   {"flag", true},
                   {"off", false},
                   {"none", nullptr},
                   {"r", 0.5},
                   {"list", {3, 5}},
                   {"kind", "rms"},
                   {"kinds", {"a", "b", "a"}},
                   {"text", "x"},
                   {"inner", {{"h", 9}}}};

TEST(Expression, IsArithmeticOfKeys)
{
    EXPECT_EQ(answer("2 + 3 * h", keys).value, 14);
    EXPECT_EQ(answer("(2 + 3) * h - 1", keys).value, 19);
    EXPECT_EQ(answer("h / r / r", keys).value, 16);
    EXPECT_EQ(answer("n + outer.h", keys).value, 11);
    EXPECT_EQ(answer("linear(h, i) + biased(h, i) + norm(h)", keys).value, 24 + 30 + 8);
    // Four projections of 4 x 4 + 4, matrices of 4 x 6 + 6 and 6 x 4 + 4, two norms of 8.
    EXPECT_EQ(answer("block(h, i)", keys).value, 4 * 20 + 30 + 28 + 16);
    EXPECT_EQ(answer("floor(i / h) + max(h, i) + min(h, i)", keys).value, 1 + 6 + 4);
}

TEST(Expression, ChoosesAndLooksOnlyAtWhatItChose)
{
    EXPECT_EQ(answer("if(flag, 1, missing)", keys).value, 1);
    EXPECT_EQ(answer("if(off, missing, 2)", keys).value, 2);
    EXPECT_EQ(answer("if(off, missing, 2)", keys).error, "");
    EXPECT_EQ(answer("or(none, h) + or(missing, 3) + or(i, missing)", keys).value, 4 + 3 + 6);
    EXPECT_EQ(answer("if(h == 4, 1, 0) + (i > h) + (i <= h) + (h != 4)", keys).value, 2);
    EXPECT_EQ(answer("is(kind, 'rms') + is(kind, 'layer')", keys).value, 1);
}

TEST(Expression, ReadsLists)
{
    EXPECT_EQ(answer("len(list) + len(h) + len(none)", keys).value, 3);
    EXPECT_EQ(answer("sum(list) + item(list, 1) + item(h, 1)", keys).value, 8 + 5 + 4);
    EXPECT_EQ(answer("below(list, 4) + count(kinds, 'a')", keys).value, 3);
}

TEST(Expression, NamesWhatIsWrong)
{
    EXPECT_EQ(answer("h * missing", keys).error, "missing is missing; it must be a number");
    EXPECT_NE(answer("text + 1", keys).error.find("text is \"x\""), std::string::npos);
    EXPECT_NE(answer("h * ", keys).error, "");
    EXPECT_NE(answer("unheard(h)", keys).error, "");
    EXPECT_NE(answer("h - 5", keys).error, ""); // less than none
    EXPECT_NE(answer("9007199254740992 * h", keys).error, "");
    EXPECT_EQ(answer("h / 0", keys).value, 0);
}

} // namespace

} // namespace weighbridge
