#pragma once

#include "core/quantity/result.h"
#include "core/scenario/scenario.h"

#include <span>
#include <string_view>

namespace weighbridge {

/// A way of counting inference by formulas alone that one choice sets up. No part of a scenario: it writes the fields
/// that make it up, and each of them may be changed afterwards.
struct CountingMethod
{
    std::string_view id; ///< "notebook"
    std::string_view name;
    std::string_view summary; ///< what it sets, in a sentence without its full stop
};

/// detailed (the web form's formulas, with scales and overhead), book (the appendix's simple rules), notebook.
std::span<const CountingMethod> counting_methods();

/// Which of them the scenario follows: its activation method says so. Empty where an engine or a training task does not
/// count by formulas alone.
std::string_view counting_method(const Scenario& scenario);

/// Sets engine, activation method, overhead and, where the method has a width of its own, precision; model, lengths,
/// sequences, typed parameters and hardware stay. The error names the method that is not known and the nearest one.
Outcome choose_counting_method(Scenario& scenario, std::string_view id);

/// Whether the activation method is the notebook's: vanilla, gqa or flash.
bool counts_as_notebook(std::string_view activation_method);

/// The notebook's switch: with FlashAttention its own formula, without it that of grouped queries, or the plain one
/// where every query head has a key/value head of its own.
std::string_view notebook_activations(bool flash_attention, const Architecture& architecture);

} // namespace weighbridge
