#include "core/training/spread.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {

namespace {

// hf_trainer, trl: 153 steps of the real libraries and the bundled runs. automodel, deepspeed: public runs of a few
// networks. Others: the bundled runs (resources/measured/training.jsonl).
constexpr std::array spread_rows = {
    FrameworkSpread{"hf_trainer", 0.035, 0.15, 0.10},     FrameworkSpread{"trl", 0.035, 0.10, 0.25},
    FrameworkSpread{"axolotl", 0.035, 0.15, 0.10},        FrameworkSpread{"llama_factory", 0.05, 0.15, 0.10},
    FrameworkSpread{"pytorch", 0.10, 0.15, 0.14},         FrameworkSpread{"unsloth", 0.06, 0.06, 0.07},
    FrameworkSpread{"torchtune", 0.11, 0.11, 0.12},       FrameworkSpread{"torchtitan", 0.10, 0.11, 0.08},
    FrameworkSpread{"torchtitan_2024", 0.04, 0.04, 0.04}, FrameworkSpread{"litgpt", 0.20, 0.20, 0.20},
    FrameworkSpread{"ms_swift", 0.10, 0.15, 0.25},        FrameworkSpread{"megatron", 0.19, 0.19, 0.22},
    FrameworkSpread{"deepspeed", 0.12, 0.12, 0.15},       FrameworkSpread{"automodel", 0.15, 0.15, 0.25},
};

constexpr FrameworkSpread unknown;

bool stays(const Term& term)
{
    return term.id == "weights" || term.id == "adapters" || term.id == "optimizer" || term.id == "colocated";
}

/// Low and high of a term and its parts.
void set_tree(Term& term, double below, double above)
{
    const auto bytes = static_cast<double>(term.bytes.count);
    term.low.count = std::llround(std::floor(bytes * (1 - below)));
    term.high.count = std::llround(std::ceil(bytes * (1 + above)));
    if (term.basis == Basis::exact && term.low != term.high)
        term.basis = Basis::derived;
    for (Term& part : term.children)
        set_tree(part, below, above);
}

} // namespace

const FrameworkSpread& spread_of(const Framework& framework)
{
    const auto* row = std::find_if(spread_rows.begin(), spread_rows.end(),
                                   [&](const FrameworkSpread& known) { return known.framework == framework.id; });
    return row == spread_rows.end() ? unknown : *row;
}

void take_range(std::vector<Term>& terms, double share)
{
    double all = 0;
    double passing = 0;
    for (const Term& term : terms) {
        all += static_cast<double>(term.bytes.count);
        passing += stays(term) ? 0 : static_cast<double>(term.bytes.count);
    }
    const bool carried = passing > share * all;
    for (Term& term : terms) {
        const double part = !carried ? share : stays(term) ? 0 : share * all / passing;
        set_tree(term, part, part);
    }
}

} // namespace weighbridge
