#pragma once

#include "core/quantity/bytes.h"
#include "core/quantity/formula.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge {

/// How far a figure can be trusted. All but the first carry a range.
enum class Basis
{
    exact,      ///< follows from the definition; the real run differs by nothing
    derived,    ///< follows from how the computation is done
    calibrated, ///< a rule with constants measured on real runs
    assumed,    ///< a default that the person may know better
};

std::string_view basis_name(Basis basis);

/// A part of the memory on one GPU, with the formula that gave it. The formula table is the tree of terms, the stacked
/// bar its first level, CSV the tree flattened.
struct Term
{
    std::string id;    ///< "weights"; children are qualified: "weights.attention"
    std::string label; ///< English; the window translates it
    Bytes bytes;
    Bytes low;
    Bytes high;
    Basis basis = Basis::exact;
    Formula formula;    ///< empty when the estimate was made without text
    std::string source; ///< where the formula or the figure comes from
    std::vector<Term> children;

    bool operator==(const Term&) const = default;
};

/// A term from a formula's result, rounded to whole bytes; low and high start equal to it.
template<class Number>
Term make_term(std::string_view id, std::string_view label, Number number, Basis basis = Basis::exact)
{
    Term term;
    term.id = id;
    term.label = label;
    term.bytes = {static_cast<std::int64_t>(std::llround(value_of(number)))};
    term.low = term.high = term.bytes;
    term.basis = basis;
    term.formula = formula_of(std::move(number));
    return term;
}

/// The same, saying where it comes from.
template<class Number>
Term make_term(std::string_view id, std::string_view label, Number number, Basis basis, std::string_view source)
{
    Term term = make_term(id, label, std::move(number), basis);
    term.source = source;
    return term;
}

/// Low and high as shares of the term's bytes; its parts stay as they are.
void set_range(Term& term, double low, double high);

/// Gives the parts of a term at least the term's own relative range: nothing is better known than the sum that it is a
/// part of, so that the sum of the parts' lows is no more than the term's.
void widen_parts(Term& term);

/// The term with that id in the tree, or nothing.
const Term* find_term(const std::vector<Term>& terms, std::string_view id);

} // namespace weighbridge
