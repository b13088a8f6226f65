#pragma once

#include "core/model/inventory.h"
#include "core/model/weight_column.h"
#include "core/quantity/compute_type.h"
#include "core/quantity/result.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace weighbridge {

/// A number format or quantization scheme as stored in memory.
struct NumberFormat
{
    std::string id;          ///< as scenarios spell it: "bf16", "gptq_4bit_g128", "nominal:0.5", "bits:3.5"
    std::string label;       ///< "BF16", "GPTQ 4-bit, group 128"
    double bits = 16;        ///< per element of the tensors it takes, scales included; of a GGUF mix: of a whole file
    double bits_per_row = 0; ///< more bits per output row (per-channel scales: 32); spread over the row's columns
    bool takes_all_tensors = true; ///< false: embeddings, head, router, norms and biases stay in 16 bits
    bool experts_only = false;     ///< of the matrices, only those of routed experts are taken (as gpt-oss ships)
    /// The arithmetic of the matrices it takes, where the accelerator has it. Weight-only schemes are widened to 16
    /// bits in registers, so theirs is bf16.
    ComputeType compute = ComputeType::bf16;
    bool for_weights = false;
    bool for_kv_cache = false;
    bool for_activations = false;
    bool nominal = false;   ///< a round width without scales, as the web form counts
    bool by_tensor = false; ///< decides tensor by tensor: it means something only for a model, see for_model()
    std::shared_ptr<const WeightColumn> column =
        nullptr;             ///< of one model, where the format decides by tensor; else null
    std::string_view source; ///< where the bits come from; a literal

    bool operator==(const NumberFormat&) const = default;
};

/// Every format known by name, in the order lists show them. Scales of a whole tensor (4 bytes per matrix) are left out
/// of `bits`.
std::span<const NumberFormat> number_formats();

enum class FormatUse
{
    weights,
    kv_cache,
    activations,
};

/// Weights as the model's own checkpoint holds them: the sizes in its file, or what its quantization_config says.
inline constexpr std::string_view checkpoint_format = "checkpoint";

/// Finds a format by name or alias ("f16", "float16"; case does not matter), or reads `nominal:BYTES` (0.125 to 8) and
/// `bits:N` (1 to 64): that many per element of every tensor. The result's id is the canonical spelling. The error
/// names the value, the nearest known name and how to list them; its field is precision.weights, .kv_cache or
/// .activations. Weights may also be "gguf:MIX" (with "+imatrix" where the importance matrix makes a difference),
/// "mlx:BITSbit" (with
/// "_gGROUP"), "mlx:MODE", "exl3:BITS" and "exl2:BITS" (with "bpw" and "_hBITS" of the head) and "checkpoint"; caches
/// "exl3:BITS", "exl3:KEY_BITS,VALUE_BITS", TabbyAPI's "Q4" and "6,5", "quant_policy:4" and LMDeploy's bare numbers.
Result<NumberFormat> find_format(std::string_view id, FormatUse use);

/// Whether weights of this tensor are stored in the format, rather than left in 16 bits.
bool takes(const NumberFormat& format, const Tensor& tensor);

/// Bytes per element of a tensor when weights are stored in `format`: what the format takes at its own bits, the rest
/// at 2 bytes.
double bytes_per_element(const NumberFormat& format, const Tensor& tensor);

} // namespace weighbridge
