#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace weighbridge {

/// Why runs miss their bars, where the reason was found: resources/measured/causes.json. Text for people; nothing is
/// computed from it.
class MissCauses
{
public:
    MissCauses();

    /// Empty where none is known.
    std::string of(std::string_view run, std::string_view figure) const;
    /// All of them by run and figure.
    const std::map<std::pair<std::string, std::string>, std::string>& all() const { return causes_; }

private:
    std::map<std::pair<std::string, std::string>, std::string> causes_;
};

} // namespace weighbridge
