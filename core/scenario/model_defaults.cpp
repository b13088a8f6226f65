#include "core/model/model.h"
#include "core/precision/format.h"
#include "core/scenario/scenario.h"

namespace weighbridge {

void take_model_defaults(Scenario& scenario, const Model& model)
{
    PrecisionChoice& precision = scenario.precision;
    if (precision.weights_given)
        return;
    precision.weights = model.published ? std::string(checkpoint_format) : PrecisionChoice().weights;
}

} // namespace weighbridge
