#include "ui/theme/readable.h"

#include "ui/theme/text.h"

namespace weighbridge {

QString gpusText(const Estimate& estimate)
{
    const Accelerator& accelerator = estimate.accelerator;
    return utf8(estimate.gpus == 1 ? accelerator.card_name() : accelerator.cards_name(estimate.gpus));
}

} // namespace weighbridge
