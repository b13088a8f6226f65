#pragma once

#include "core/fields/scenario_json.h"
#include "core/training/training.h"
#include "tests/core/support/scenarios.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string_view>

namespace weighbridge::testing {

/// A question from the keys of fine_tune, as somebody would write them.
inline Question asked(std::string_view preset, const nlohmann::json& keys,
                      const nlohmann::json& hardware = nlohmann::json::object())
{
    const auto scenario =
        read_scenario({{"model", preset}, {"task", "fine_tune"}, {"fine_tune", keys}, {"hardware", hardware}});
    EXPECT_TRUE(scenario) << (scenario ? "" : scenario.error().message);
    Question question = question_about_preset(preset);
    if (scenario)
        question.scenario = *scenario;
    question.accelerator = *Catalogue().find("h100_sxm_80");
    return question;
}

inline TrainingInputs inputs_of_question(const Question& question)
{
    const auto inputs = training_inputs(question.scenario, *question.model, &question.accelerator);
    EXPECT_TRUE(inputs) << (inputs ? "" : inputs.error().message);
    return *inputs;
}

inline std::int64_t term_at(const Question& question, std::string_view moment_id, std::string_view term_id)
{
    const TrainingMemory memory = training_memory(inputs_of_question(question), true);
    for (const Moment& moment : memory.stage().moments) {
        const Term* term = moment.id == moment_id ? find_term(moment.terms, term_id) : nullptr;
        if (term != nullptr)
            return term->bytes.count;
    }
    return 0;
}

} // namespace weighbridge::testing
