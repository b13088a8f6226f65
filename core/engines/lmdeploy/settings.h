#pragma once

#include "core/engines/version.h"
#include "core/memory/load.h"

#include <cstdint>
#include <optional>

namespace weighbridge::lmdeploy {

/// The newest release whose rules are known here.
inline constexpr EngineVersion newest_release{0, 16};

/// A scenario's options with LMDeploy's defaults for what was left out (lmdeploy/messages.py, utils.py). Bytes where
/// not said otherwise.
struct Settings
{
    EngineVersion version;
    bool turbomind = true;
    double total_memory = 0;            ///< as the driver reports it to a process
    double in_use = 0;                  ///< of it, by others
    double share = 0.8;                 ///< of what is free after loading
    bool share_of_all = false;          ///< of the whole memory: 0.2.0 and before
    std::optional<std::int64_t> blocks; ///< asked for by number
    std::int64_t block = 64;            ///< tokens
    std::int64_t max_batch_size = 128;
    std::int64_t max_prefill_tokens = 8192;
    std::int64_t session_len = 1;
    double model_bytes = 2; ///< per element of what is computed

    double memory_left() const { return total_memory - in_use; }
};

Settings settings_of(const InferenceInputs& load);

/// Whether TurboMind has the network (lmdeploy/turbomind/supported_models.py).
bool turbomind_knows(const Architecture& architecture);

} // namespace weighbridge::lmdeploy
