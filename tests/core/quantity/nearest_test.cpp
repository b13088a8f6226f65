#include "core/quantity/nearest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weighbridge {
namespace {

const std::vector<std::string_view> models = {"Llama-3.1-8B", "Llama-3.1-8B-Instruct", "Llama-3.1-70B", "phi-4",
                                              "Qwen3-8B",     "gemma-3-12b-it"};

TEST(Nearest, SuggestsWhatWasMeantAndNothingFarFetched)
{
    struct Case
    {
        const char* typed;
        const char* meant;
        const char* why;
    };
    for (const Case& c :
         {Case{"llama-3.1-8b", "Llama-3.1-8B", "equal but for case"},
          Case{"llama", "Llama-3.1-8B", "starts so; the shortest, the first of equals"},
          Case{"8B-Inst", "Llama-3.1-8B-Instruct", "contains it"}, Case{"Qwne3-8B", "Qwen3-8B", "neighbours swapped"},
          Case{"ph-4", "phi-4", "one letter missing"}, Case{"Qwen3-9B", "Qwen3-8B", "one letter differs"},
          Case{"gema-3-13b-it", "gemma-3-12b-it", "two changes in thirteen letters"},
          Case{"nope", "", "five changes to phi-4 are no misspelling"}, Case{"4", "", "part of most names"},
          Case{"mistral-large", "", "not known"}, Case{"", "", "nothing typed"}})
        EXPECT_EQ(nearest_name(c.typed, models), c.meant) << c.typed << ": " << c.why;
}

TEST(Nearest, NamesOneWhereAMessagePromisesIt)
{
    EXPECT_EQ(nearest_name("nope", models, Nearness::any), "phi-4");
    EXPECT_EQ(nearest_name("nope", {}, Nearness::any), "");
    const std::string hostile(10'000'000, 'x');
    EXPECT_FALSE(nearest_name(hostile, models, Nearness::any).empty());
    EXPECT_EQ(nearest_name(hostile, models), "");
}

TEST(Nearest, ClausesStandInTheMiddleOfAMessage)
{
    EXPECT_EQ(nearest_clause("phi4", models), "; the nearest is \"phi-4\"");
    EXPECT_EQ(nearest_clause("nope", models), "");
}

} // namespace
} // namespace weighbridge
