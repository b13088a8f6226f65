#include "ui/theme/readable.h"

#include "ui/theme/text.h"

namespace weighbridge {

QString gpusText(const Estimate& estimate)
{
    return utf8(estimate.gpus == 1 ? estimate.fit.accelerator.card_name() : estimate.cards_name());
}

} // namespace weighbridge
