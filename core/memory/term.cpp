#include "core/memory/term.h"

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
