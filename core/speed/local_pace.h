#pragma once

#include "core/hardware/accelerator.h"

#include <string>
#include <string_view>

namespace weighbridge {

/// Constants of one stream on a device of one's own: by class of device, by vendor and backend, by how weights are
/// stored. Effective figures, never of a model.

/// Shares of the data sheet that a class of device reaches with a backend; 0: nobody measured it.
struct LocalDevice
{
    std::string_view device;  ///< "nv_ampere"
    std::string_view backend; ///< "CUDA"
    double decode = 0;        ///< of the bandwidth, reading weights
    double prefill = 0;       ///< of the peak that prompts refer to
    double prefill_old = 0;   ///< the same of builds before 2025 (CUDA), before October 2025 (ROCm)
};

/// What a layer costs besides its bytes, and what attention reaches.
struct LocalBackend
{
    std::string_view vendor; ///< "nv", "amd", "apple", "intel", "cpu", "other"
    std::string_view backend;
    double layer_us = 12;
    double experts_us = 25;        ///< more, of networks with routed experts
    double recurrent_us = 15;      ///< more, of networks with recurrent layers
    double cache = 0.6;            ///< share of the bandwidth while the cache is read
    double cache_plain = 0.6;      ///< the same without flash attention
    double prefill_experts = 0.7;  ///< factor of networks with routed experts
    double attention = 0.25;       ///< share of the peak, of attention of prompts
    double attention_plain = 0.25; ///< the same without flash attention
    double prefill_layer_us = 40;  ///< of a layer and micro batch
};

/// Factors by how weights are stored.
struct LocalType
{
    std::string_view vendor;
    std::string_view backend;
    std::string_view group; ///< "q4k", "f16", "mlx46"
    double decode = 1;
    double prefill = 1;
};

/// All that holds for one device, backend and type.
struct LocalPace
{
    std::string device_class; ///< "nv_ampere"
    std::string_view vendor;
    std::string_view backend;
    LocalBackend costs;
    double decode = 0.75;    ///< with the type's factor
    double prefill = 0;      ///< the same; 0: not known
    double thread_bytes = 0; ///< of weights a second and CPU thread; 0: no bound
    bool measured = false;   ///< device and backend are in the tables
    bool prefill_measured = false;
};

/// What runs one stream.
struct LocalSetup
{
    const Accelerator* accelerator = nullptr;
    std::string_view engine;
    std::string_view backend; ///< as chosen; empty: the usual one
    std::string_view version; ///< of the engine: a build ("b8586"), or a day
    std::string weights;      ///< id of the format
};

LocalPace local_pace(const LocalSetup& setup);

/// Whether the engine serves one stream on one's own device.
bool is_local_engine(std::string_view engine);

/// FLOP/s that the use of prompts refers to: half of the dense INT8 rate of NVIDIA's, the 16-bit rate of AMD's and
/// Intel's, FP32 of Apple's (four times that from M5 on). 0 where unknown, as of CPUs.
double prompt_peak(const Accelerator& accelerator, const LocalPace& pace);

struct LocalCommon
{
    double other_decode = 0.75; ///< of devices that nobody measured
    double other_prefill = 0.35;
    double other_prefill_apple = 0.65;
    double old_cuda_layer_us = 97;   ///< builds before 2025
    double weights_in_prefill = 0.7; ///< share of the bandwidth while a micro batch reads weights
    double allreduce_us = 41;        ///< of a tensor split, twice a layer
    double row_split_us = 310;
    double tensor_exchange = 1.8e9; ///< bytes per second between cards, of prompts
    double row_exchange = 0.32e9;
    double host_bandwidth = 80e9; ///< two channels of DDR5, where nobody says
    double host_share = 0.6;      ///< of it while weights there are read; set, not fitted
    double host_layer_us = 60;    ///< the same of each layer concerned
    double fork_threads = 1.4;    ///< ik_llama.cpp's CPU kernels
};
inline constexpr LocalCommon local_common{};

/// Seconds from one card to the next of a layer split.
double hop_seconds(std::string_view vendor);

} // namespace weighbridge
