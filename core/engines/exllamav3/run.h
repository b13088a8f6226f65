#pragma once

#include "core/engines/exllamav3/networks.h"
#include "core/memory/load.h"
#include "core/precision/exl_rules.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace weighbridge {

/// One layer of a kind. Bytes.
struct ExlLayer
{
    std::map<Part, double> weights; ///< by part of the network
    double pages = 0;               ///< of a token in the paged cache
    double rings = 0;               ///< of a slot's window
    double states = 0;              ///< of a slot's convolution and recurrent state
    double work = 0;                ///< of a prompt's chunk
    double unpacked = 0;            ///< of a token in 16 bits, where the paged cache is quantized

    double all_weights() const;
    double experts() const;
};

/// exllamav3 with every option resolved, and what its network's parts take.
struct ExlRun
{
    const Model* model = nullptr;
    ExlRelease release;
    ExlNetwork network;
    std::int64_t sequence_length = 1;
    std::int64_t sequences = 1;
    std::int64_t cache_size = 256;          ///< tokens
    std::int64_t slots = 1;                 ///< of states and windows
    std::int64_t history = 0;               ///< steps that states keep back for drafts
    std::int64_t chunk = 2048;              ///< rows that are computed at once
    std::optional<ExlCacheBits> cache_bits; ///< nothing: 16 bits
    std::int64_t offloaded = 0;             ///< layers whose experts lie in system memory
    std::vector<ExlLayer> kinds;            ///< parallel to Architecture::kinds
    std::map<Part, double> output;          ///< final norm and head
    std::map<Part, double> first;           ///< on the first GPU: towers, what layers share
    double predicted_weights = 0;           ///< of prediction layers, on the first GPU
    double predicted_pages = 0;             ///< of a token in the prediction layers' own cache, in 16 bits
    double embedding = 0;                   ///< in system memory
    double head_work = 0;
    std::vector<double> limits; ///< bytes of each GPU that the loader fills

    bool has_slots() const;
    /// Pages of 256 tokens that the sequences take.
    std::int64_t tokens_needed() const;
};

/// Tokens of a page (exllamav3/constants.py).
inline constexpr std::int64_t exl_page = 256;

inline constexpr double exl_context = 450 * 1048576.0; ///< of CUDA and torch on one GPU
inline constexpr double exl_context_low = 250 * 1048576.0, exl_context_high = 900 * 1048576.0;

/// `text`: the load with the network and the weights that the engine makes of it, on one GPU; they are shared by
/// `gpus`.
ExlRun exl_run(const InferenceInputs& text, std::int64_t gpus);

/// Of a token in one layer of a row of the cache layout.
double exl_page_bytes(const InferenceInputs& inputs, const CacheRun& run);

/// What lies on one GPU.
struct ExlDevice
{
    std::vector<std::int64_t> of_kind;   ///< layers, parallel to Architecture::kinds
    std::vector<std::int64_t> offloaded; ///< of these, whose experts lie in system memory
    bool output = false;
    bool first = false;

    std::int64_t layers() const;
};

/// Bytes of one GPU.
struct ExlBytes
{
    std::map<Part, double> weights;
    double pages = 0;
    double rings = 0;
    double states = 0;
    double draft = 0;     ///< weights of prediction layers
    double predicted = 0; ///< their own cache
    double work = 0;      ///< of the layer that takes most
    double unpacked = 0;  ///< of one layer's quantized cache

    double all_weights() const;
    double cache() const { return pages + rings + states + predicted; }
    double total() const { return all_weights() + cache() + work + unpacked; }
};

ExlBytes exl_bytes(const ExlRun& run, const ExlDevice& device);

/// Layers in order, a GPU until it is full (model/model_ls.py, _load_autosplit). What fits nowhere lies on the last.
std::vector<ExlDevice> exl_placement(const ExlRun& run);

/// Routed experts in system memory.
double exl_host_experts(const ExlRun& run);

} // namespace weighbridge
