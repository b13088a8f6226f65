#include "tests/core/support/evaluate.h"

#include <gtest/gtest.h>

namespace weighbridge::testing {
namespace {

TEST(Evaluate, ReadsWhatFormulasAreWrittenIn)
{
    struct Case
    {
        const char* text;
        double value;
    };
    for (const Case& c : {Case{"32,768", 32768}, Case{"2 × 80 × 8 × 128 × 32,768 × 12 × 2 / 4", 32212254720.0},
                          Case{"(64 / 4 + 2 × 2) × 128", 2560}, Case{"10 - 4 - 3", 3}, Case{"100 / 10 / 5", 2},
                          Case{"2 + 3 × 4", 14}, Case{"2 · (3 − 1)", 4}, Case{"0.53125 * 8", 4.25}, Case{"-3 + 5", 2}})
        EXPECT_EQ(evaluate(c.text), c.value) << c.text;
}

TEST(Evaluate, RefusesWhatIsNoArithmetic)
{
    for (const char* text : {"", "2 B", "min(2, 3)", "2 ×", "(1 + 2", "h · 2", "1 2", "⌈3 / 2⌉"})
        EXPECT_EQ(evaluate(text), std::nullopt) << text;
}

} // namespace
} // namespace weighbridge::testing
