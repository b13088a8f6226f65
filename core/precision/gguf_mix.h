#pragma once

#include "core/model/model.h"
#include "core/model/weight_column.h"
#include "core/precision/stored_type.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A file type of llama-quantize: a base type, and rules that give some tensors another one.
enum class GgufMix
{
    f32,
    f16,
    bf16,
    q4_0,
    q4_1,
    q5_0,
    q5_1,
    q8_0,
    q2_k,
    q2_k_s,
    q3_k_s,
    q3_k_m,
    q3_k_l,
    q4_k_s,
    q4_k_m,
    q5_k_s,
    q5_k_m,
    q6_k,
    iq1_s,
    iq1_m,
    iq2_xxs,
    iq2_xs,
    iq2_s,
    iq2_m,
    iq3_xxs,
    iq3_xs,
    iq3_s,
    iq3_m,
    iq4_nl,
    iq4_xs,
    tq1_0,
    tq2_0,
    q1_0,
    q2_0,
    mxfp4_moe,
    nvfp4,
    pure, ///< every matrix but the output in the base type (ik_llama.cpp's, whose finer rules are not known here)
    only, ///< every matrix in the base type
};

struct GgufMixName
{
    GgufMix mix;
    std::string_view name;      ///< as llama-quantize spells it: "Q4_K_M"
    std::string_view base;      ///< the ggml type that most tensors get
    std::int64_t file_type = 0; ///< general.file_type in a file's keys
    bool needs_imatrix = false; ///< llama-quantize refuses it without an importance matrix
    /// Chosen tensor by tensor by whoever made the file; only the outline is known: routed experts in the base type,
    /// what is beside them in Q8_0; of a dense network as `mix` has it.
    bool maker = false;
};

/// All of them, in the order of the enumeration.
std::span<const GgufMixName> gguf_mixes();

/// The mix of that name ("Q4_K_M", "Q4_K" for it; case does not matter), or nothing.
const GgufMixName* find_gguf_mix(std::string_view name);
/// Whether the file that a format of that id names is outlined here and no more: makers' own mixes ("gguf:UD-Q4_K_XL")
/// and ik_llama.cpp's types ("ik:IQ4_KS").
bool is_outline(std::string_view format_id);
/// What llama-quantize makes where it is asked for a type that this format names; empty for others.
std::string_view mix_for_type(std::string_view format_id);
/// The mix of a general.file_type, or nothing.
const GgufMixName* gguf_mix_of_file_type(std::int64_t file_type);

/// The type of every row of the inventory, layer by layer: llama-quant.cpp of llama.cpp (tensor_allows_quantization,
/// llama_tensor_get_type_impl, tensor_type_fallback), as formulas/inference.md 2.4 of the project's references lists
/// it. With an importance matrix a few types are smaller; mixes that need one have it in any case. Vision towers, which
/// are a file of their own, stay in 16 bits. Not known here: layers for multi-token prediction, which a file may also
/// hold.
WeightColumn gguf_column(const GgufMixName& mix, bool imatrix, const Architecture& architecture,
                         const std::vector<Tensor>& tensors);

/// Bits per weight of a whole file of that mix: of Llama-3.1-8B's, the network for which llama.cpp lists them
/// (tools/quantize/README.md), and of gpt-oss-20b's for the mix that was made for it. Others differ by what their
/// embedding and their depth weigh.
double typical_bits(const GgufMixName& mix, bool imatrix);

} // namespace weighbridge
