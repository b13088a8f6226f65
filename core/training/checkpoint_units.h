#pragma once

#include <string_view>

namespace weighbridge {

/// Hidden states that a checkpointed layer keeps: 1 where the layer is checkpointed as one, more where its modules are
/// one by one, each with its input; then only the module that goes back is there again.
double checkpoint_inputs(std::string_view framework);

} // namespace weighbridge
