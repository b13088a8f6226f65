#include "core/model/model.h"
#include "core/precision/format.h"
#include "core/scenario/scenario.h"

namespace weighbridge {

std::string weights_in_use(const PrecisionChoice& precision, const Model& model)
{
    if (precision.weights)
        return *precision.weights;
    return model.published ? std::string(checkpoint_format) : std::string("bf16");
}

} // namespace weighbridge
