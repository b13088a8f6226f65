#include "core/sources/pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace weighbridge {
namespace {

TEST(Pattern, FitsAsPythonsMatch)
{
    struct Case
    {
        const char* expression;
        const char* text;
        bool fits;
    };
    const Case cases[] = {
        {"lm_head", "lm_head", true},
        {"lm_head", "lm_head.x", true}, // from the beginning, not to the end
        {"lm_head$", "lm_head.x", false},
        {"head", "lm_head", false},
        {".*head", "lm_head", true},
        {R"(.*layers\.(0|1|13)\..*)", "model.layers.13.mlp", true},
        {R"(.*layers\.(0|1|13)\..*)", "model.layers.3.mlp", false},
        {R"(model\.layers\.\d+\.mlp\.gate$)", "model.layers.12.mlp.gate", true},
        {R"(model\.layers\.\d+\.mlp\.gate$)", "model.layers.12.mlp.gate_proj", false},
        {R"(^(?!.*experts).*)", "model.layers.0.mlp.gate_proj", true},
        {R"(^(?!.*experts).*)", "model.layers.0.mlp.experts.gate_proj", false},
        {R"((?=.*mlp)(?:model|x)\.)", "model.layers.0.mlp", true},
        {R"([^.]+\.[a-c1-3]{2,3}$)", "x.ab3", true},
        {R"([^.]+\.[a-c1-3]{2,3}$)", "x.ab33", false},
        {R"(a{2}b?c+?d*)", "aacc", true},
        {R"(a{2}b?c+?d*)", "abcc", false},
        {R"(\bmlp\b)", "mlp.x", true},
        {R"([\w.]+q_proj)", "model.q_proj", true},
        {R"([]a]+$)", "]a]", true},
        {"", "anything", true},
        {"a|", "b", true},
    };
    for (const Case& c : cases)
        EXPECT_EQ(Pattern(c.expression).matches_start(c.text), c.fits) << c.expression << " on " << c.text;
    EXPECT_TRUE(Pattern("head").found_in("lm_head"));
    EXPECT_FALSE(Pattern("heads").found_in("lm_head"));
}

TEST(Pattern, GlobsHaveStarsOnly)
{
    EXPECT_TRUE(Pattern::glob("model.layers.*.self_attn").matches_start("model.layers.7.self_attn"));
    EXPECT_FALSE(Pattern::glob("model.layers.*.self_attn").matches_start("model.layers.7.self_attn.q"));
    EXPECT_TRUE(Pattern::glob("*lm_head*").matches_start("model.lm_head.x"));
    EXPECT_TRUE(Pattern::glob("a[0]?").matches_start("a[0]x"));
    EXPECT_FALSE(Pattern::glob("a.b").matches_start("axb"));
}

TEST(Pattern, WhatIsNotUnderstoodFitsNothing)
{
    for (const char* expression :
         {"(", "(a", "a)", "[a", "*a", "a{", "a{x}", "a{2000}", "\\1", "(?<n>a)", "(?P<n>a)", "\\"})
        EXPECT_FALSE(Pattern(expression).valid()) << expression;
    EXPECT_FALSE(Pattern("(").matches_start("("));
    EXPECT_FALSE(Pattern(std::string(2000, 'a')).valid());
    EXPECT_FALSE(Pattern(std::string(400, '(') + std::string(400, ')')).valid());
}

// Expressions that take exponential time in engines that try every way.
TEST(Pattern, HostileExpressionsEnd)
{
    const std::string text(200, 'a');
    for (const char* expression :
         {"(a*)*b", "(a|a)*b", "(.*)*(.*)*(.*)*x", "((a?)*)*b", "(a+)+(a+)+$b", "(?!(a*)*b)x"}) {
        const Pattern pattern(expression);
        EXPECT_FALSE(pattern.matches_start(text)) << expression;
        EXPECT_FALSE(pattern.found_in(text)) << expression;
    }
    EXPECT_FALSE(Pattern("a").matches_start(std::string(1'000'000, 'a')));
}

} // namespace
} // namespace weighbridge
