#include "core/sources/weights_header.h"

#include <algorithm>

namespace weighbridge {

void order_spans(std::vector<StoredSpan>& spans)
{
    const auto earlier = [](const StoredSpan& a, const StoredSpan& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    };
    if (!std::is_sorted(spans.begin(), spans.end(), earlier)) // files are written in order, as a rule
        std::sort(spans.begin(), spans.end(), earlier);
}

std::size_t first_overlap(const std::vector<StoredSpan>& spans)
{
    for (std::size_t i = 1; i < spans.size(); ++i)
        if (spans[i].begin < spans[i - 1].end)
            return i;
    return spans.size();
}

} // namespace weighbridge
