#pragma once

#include "core/memory/term.h"
#include "tests/core/support/evaluate.h"

#include <gtest/gtest.h>

#include <vector>

namespace weighbridge::testing {

/// The numbers line of each term and its children gives its bytes, which lie within its range.
inline void expect_numbers_to_evaluate(const std::vector<Term>& terms)
{
    for (const Term& term : terms) {
        const auto value = Evaluator::evaluate(term.formula.numbers);
        ASSERT_TRUE(value) << term.id << ": " << term.formula.numbers;
        EXPECT_NEAR(*value, static_cast<double>(term.bytes.count), 1) << term.id << ": " << term.formula.numbers;
        EXPECT_LE(term.low.count, term.bytes.count) << term.id;
        EXPECT_GE(term.high.count, term.bytes.count) << term.id;
        expect_numbers_to_evaluate(term.children);
    }
}

} // namespace weighbridge::testing
