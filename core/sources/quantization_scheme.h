#pragma once

#include "core/model/weight_column.h"
#include "core/quantity/compute_type.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// How a checkpoint stores a matrix of `rows` outputs and `columns` inputs: bits · rows · columns + row_bits · rows +
/// column_bits · columns, scales and zero points included.
struct StorageScheme
{
    double bits = 16;
    double row_bits = 0;    ///< more per output: per-channel scales
    double column_bits = 0; ///< more per input: GPTQ's g_idx, EXL3's suh
    StoredLayout
        layout{}; ///< of what `bits` and `row_bits` are made; unknown where an engine's kernels take it as it is

    bool operator==(const StorageScheme&) const = default;
};

/// Modules by name that get a scheme of their own; without one they stay in 16 bits.
struct SchemeRule
{
    enum class Spelling
    {
        name,       ///< a module or what it is part of: "lm_head", "model.layers.0.mlp"
        glob,       ///< the same with "*"
        expression, ///< a regular expression from the beginning of the name
    };

    Spelling spelling = Spelling::name;
    std::string text;
    std::optional<StorageScheme> scheme;
};

/// A quantization_config, read.
struct QuantizationScheme
{
    std::string label; ///< "FP8, blocks of 128 × 128"
    ComputeType compute = ComputeType::bf16;
    std::optional<StorageScheme> usual;   ///< of the matrices that no rule names; nothing: only those with a rule
    bool experts_only = false;            ///< of the matrices, only those of routed experts
    bool mxfp4_experts = false;           ///< the same in MXFP4, which engines lay out for kernels of its own
    std::optional<StorageScheme> experts; ///< of routed experts, where it is another
    bool takes_head = false;              ///< lm_head too, unless a rule names it
    bool mlx = false;                     ///< mlx-lm's: embeddings, head and routers too, where a group divides a row
    std::vector<SchemeRule> rules;        ///< the first that fits decides
    std::vector<std::string> notes;       ///< what is not counted exactly
};

/// Reads a quantization_config of any method that transformers or vLLM loads: fp8, fbgemm_fp8, gptq, awq,
/// compressed-tensors, bitsandbytes, mxfp4, modelopt, hqq, torchao, quark, auto-round and a few more, and
/// the "quantization" of mlx-lm.
/// Nothing where the method or its numbers are not known: no bits are guessed. Layouts: vLLM
/// model_executor/layers/quantization, transformers quantizers, and the table of core/precision/format.h.
/// Whether an object is mlx-lm's: bits and a group, and no name of a method.
bool is_mlx_quantization(const nlohmann::json& config);

std::optional<QuantizationScheme> read_quantization_scheme(const nlohmann::json& quantization_config);

} // namespace weighbridge
