#pragma once

#include "core/fields/scenario_json.h"
#include "tests/core/support/scenarios.h"

#include <string>
#include <string_view>

namespace weighbridge::testing {

/// The scenario of a text; fails the test where it is refused.
inline Scenario scenario_from(std::string_view text)
{
    const auto scenario = read_scenario_text(text);
    EXPECT_TRUE(scenario) << (scenario ? "" : scenario.error().message);
    return scenario ? *scenario : Scenario{};
}

/// Why a text is refused; fails the test where it is not.
inline std::string scenario_refusal(std::string_view text)
{
    const auto scenario = read_scenario_text(text);
    EXPECT_FALSE(scenario) << text;
    return scenario ? std::string() : scenario.error().message;
}

enum class Card
{
    plain, ///< plain_accelerator(), whatever the text names
    named, ///< the one that the text names
};

/// A preset with the scenario of a text.
inline Question question_with(std::string_view preset, std::string_view text, Card card = Card::plain)
{
    Question question = question_about_preset(preset);
    question.scenario = scenario_from(text);
    const HardwareChoice& hardware = question.scenario.hardware;
    if (card == Card::plain)
        return question;
    if (hardware.custom)
        question.accelerator = *hardware.custom;
    else if (auto known = Catalogue().find(hardware.accelerator))
        question.accelerator = *known;
    return question;
}

inline EstimatePointer answer_to(std::string_view preset, std::string_view text, Card card = Card::plain)
{
    return estimate_of(question_with(preset, text, card), Detail::full);
}

/// Why a question is refused; fails the test where it is not.
inline std::string refusal_of(std::string_view preset, std::string_view text, Card card = Card::plain)
{
    const auto result = estimate(question_with(preset, text, card));
    EXPECT_FALSE(result);
    return result ? std::string() : result.error().message;
}

} // namespace weighbridge::testing
