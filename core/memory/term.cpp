#include "core/memory/term.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

std::string_view basis_name(Basis basis)
{
    switch (basis) {
    case Basis::exact:
        return "exact";
    case Basis::derived:
        return "derived";
    case Basis::calibrated:
        return "calibrated";
    case Basis::assumed:
        return "assumed";
    }
    return "exact";
}

void set_range(Term& term, double low, double high)
{
    const auto bytes = static_cast<double>(term.bytes.count);
    term.low.count = std::llround(bytes * low);
    term.high.count = std::llround(bytes * high);
}

void widen_parts(Term& term)
{
    if (term.bytes.count <= 0)
        return;
    const auto whole = static_cast<double>(term.bytes.count);
    const double low = static_cast<double>(term.low.count) / whole;
    const double high = static_cast<double>(term.high.count) / whole;
    for (Term& part : term.children) {
        const auto bytes = static_cast<double>(part.bytes.count);
        part.low.count = std::min(part.low.count, static_cast<std::int64_t>(std::floor(bytes * low)));
        part.high.count = std::max(part.high.count, static_cast<std::int64_t>(std::ceil(bytes * high)));
        if (part.basis == Basis::exact && part.low != part.high)
            part.basis = Basis::derived;
        widen_parts(part);
    }
}

const Term* find_term(const std::vector<Term>& terms, std::string_view id)
{
    for (const Term& term : terms) {
        if (term.id == id)
            return &term;
        if (const Term* found = find_term(term.children, id))
            return found;
    }
    return nullptr;
}

} // namespace weighbridge
