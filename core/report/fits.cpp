#include "core/report/fits.h"

namespace weighbridge {

std::vector<const Fit*> all_fits(const Estimate& estimate)
{
    std::vector<const Fit*> fits = {&estimate.fit};
    for (const Fit& card : estimate.cards)
        if (card.accelerator.id != estimate.fit.accelerator.id)
            fits.push_back(&card);
    return fits;
}

} // namespace weighbridge
