#include "core/training/checkpoint_units.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weighbridge {

double checkpoint_inputs(std::string_view framework)
{
    // NeMo AutoModel components/distributed/parallelizer.py: feed-forward, attention and both norms of its own networks
    static constexpr std::array<std::pair<std::string_view, double>, 1> rows = {{{"automodel", 4}}};
    const auto* row =
        std::find_if(rows.begin(), rows.end(), [&](const auto& known) { return known.first == framework; });
    return row == rows.end() ? 1 : row->second;
}

} // namespace weighbridge
