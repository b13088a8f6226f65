#pragma once

#include "core/answers/solve.h"

namespace weighbridge {

class Trial;

/// Where layers and experts go over the GPUs and the host (llama.cpp and what starts it): n_gpu_layers, n_cpu_moe and,
/// over several devices, tensor_split with which every device holds its part, as few bytes of weights lie on the host
/// as will do, and among those the fullest device has the most room. What the scenario chose of `override_tensor` and
/// all else stays. Every number of layers is looked at with the fewest experts on the host that let it fit; a split is
/// found by filling one device after the other, each with as many layers as it takes.
Solution least_on_host(const Trial& trial);

} // namespace weighbridge
