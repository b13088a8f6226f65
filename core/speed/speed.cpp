#include "core/speed/speed.h"

#include <algorithm>
#include <utility>

namespace weighbridge {

Speed unknown_speed(const std::string& why)
{
    Speed speed;
    speed.issues.push_back({"speed", Severity::warning, "speed is not known: " + why});
    return speed;
}

void add_term(std::vector<SpeedTerm>& terms, std::string_view id, std::string_view label, Traced seconds)
{
    const double value = seconds.value();
    if (value > 0)
        terms.push_back({id, label, value, std::move(seconds).formula()});
}

double sum_of(const std::vector<SpeedTerm>& terms)
{
    double sum = 0;
    for (const SpeedTerm& term : terms)
        sum += term.seconds;
    return sum;
}

std::string_view largest_of(const std::vector<SpeedTerm>& terms)
{
    const auto largest = std::max_element(terms.begin(), terms.end(),
                                          [](const SpeedTerm& a, const SpeedTerm& b) { return a.seconds < b.seconds; });
    return largest == terms.end() ? std::string_view() : largest->id;
}

} // namespace weighbridge
