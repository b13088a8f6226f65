#include "core/training/optimizer.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

using S = StateShape;

const std::vector<Optimizer>& table()
{
    static const std::vector<OptimizerState> moments = {{"exp_avg"}, {"exp_avg_sq"}};
    static const std::vector<Optimizer> rows = {
        {"adamw", "AdamW", moments, "", false, false, true, "torch/optim/adamw.py: exp_avg, exp_avg_sq"},
        {"adamw_torch", "AdamW, foreach step", moments, "", false, false, true, "torch/optim/adamw.py, foreach",
         "foreach"},
        {"adamw_torch_fused", "AdamW, fused step", moments, "", false, false, true, "torch/optim/adamw.py, fused",
         "fused"},
        {"cpu_adam",
         "AdamW on the host",
         moments,
         "fp32",
         false,
         false,
         false,
         "deepspeed ops/adam/cpu_adam.py: states and step on the host",
         {},
         0,
         0,
         {},
         true},
        {"schedule_free_adamw",
         "Schedule-free AdamW",
         {{"z"}, {"exp_avg_sq"}},
         "",
         false,
         false,
         true,
         "schedulefree adamw_schedulefree.py: z and exp_avg_sq"},
        {"stable_adamw", "StableAdamW", moments, "", false, false, true, "optimi stableadamw.py: AdamW's states"},
        {"ademamix",
         "AdEMAMix",
         {{"m1, m2", S::full, StateOf::all, 2}, {"nu"}},
         "fp32",
         false,
         false,
         false,
         "bitsandbytes optim/ademamix.py: two first moments"},
        {"ademamix_8bit",
         "AdEMAMix 8-bit",
         {{"m1, m2", S::full, StateOf::all, 2}, {"nu"}},
         "int8",
         false,
         false,
         false,
         "bitsandbytes optim/ademamix.py: two first moments"},
        {"adamw_8bit", "AdamW 8-bit", moments, "int8", false, false, false,
         "bitsandbytes optim/optimizer.py: blocks of 256 with an fp32 absmax, below 4,096 elements fp32"},
        {"adamw_4bit", "AdamW 4-bit", moments, "int4", false, false, false, "torchao optim: blocks of 128"},
        {"adamw_fp8", "AdamW FP8", moments, "fp8", false, false, false, "torchao optim: blocks of 256"},
        {"paged_adamw", "AdamW, paged", moments, "fp32", true, false, false,
         "bitsandbytes optim: states in unified memory"},
        {"paged_adamw_8bit", "AdamW 8-bit, paged", moments, "int8", true, false, false,
         "bitsandbytes optim: states in unified memory"},
        {"adafactor",
         "Adafactor",
         {{"exp_avg_sq_row, exp_avg_sq_col", S::factored}},
         "fp32",
         false,
         false,
         false,
         "transformers optimization.py: factored, no first moment by default; gradient, weight, update and its square "
         "in fp32",
         {},
         2,
         4},
        {"lion", "Lion", {{"exp_avg"}}, "", false, false, false, "arXiv:2302.06675", {}, 0, 0, "lion_32bit"},
        {"lion_32bit",
         "Lion, bitsandbytes",
         {{"exp_avg"}},
         "fp32",
         false,
         false,
         false,
         "bitsandbytes optim/lion.py: 32-bit states are fp32 whatever the weights are"},
        {"paged_lion_32bit",
         "Lion, paged",
         {{"exp_avg"}},
         "fp32",
         true,
         false,
         false,
         "bitsandbytes optim/lion.py: states in unified memory"},
        {"paged_lion_8bit",
         "Lion 8-bit, paged",
         {{"exp_avg"}},
         "int8",
         true,
         false,
         false,
         "bitsandbytes optim/lion.py: states in unified memory"},
        {"lion_8bit", "Lion 8-bit", {{"exp_avg"}}, "int8", false, false, false, "bitsandbytes optim/lion.py"},
        {"sgd", "SGD", {}, "", false, false, false, "torch/optim/sgd.py without momentum"},
        {"sgd_momentum", "SGD with momentum", {{"momentum_buffer"}}, "", false, false, false, "torch/optim/sgd.py"},
        {"muon",
         "Muon",
         {{"momentum", S::full, StateOf::matrices},
          {"exp_avg", S::full, StateOf::rest},
          {"exp_avg_sq", S::full, StateOf::rest}},
         "",
         false,
         false,
         false,
         "momentum for hidden matrices, AdamW for embeddings, head, norms (KellerJordan/Muon)"},
        {"adam_mini",
         "Adam-mini",
         {{"m"}, {"v", S::per_row}},
         "",
         false,
         false,
         false,
         "arXiv:2406.16793: one second moment per head or neuron"},
        {"galore",
         "GaLore",
         {{"exp_avg, exp_avg_sq", S::low_rank, StateOf::matrices, 2},
          {"projector", S::projector, StateOf::matrices, 1, true},
          {"exp_avg", S::full, StateOf::rest},
          {"exp_avg_sq", S::full, StateOf::rest}},
         "",
         false,
         false,
         false,
         "arXiv:2403.03507, galore_torch adamw.py"},
        {"galore_8bit",
         "GaLore 8-bit",
         {{"exp_avg, exp_avg_sq", S::low_rank, StateOf::matrices, 2},
          {"projector", S::projector, StateOf::matrices, 1, true},
          {"exp_avg", S::full, StateOf::rest},
          {"exp_avg_sq", S::full, StateOf::rest}},
         "int8",
         false,
         false,
         false,
         "galore_torch adamw8bit.py"},
        {"apollo",
         "APOLLO",
         {{"exp_avg, exp_avg_sq", S::low_rank, StateOf::matrices, 2},
          {"exp_avg", S::full, StateOf::rest},
          {"exp_avg_sq", S::full, StateOf::rest}},
         "",
         false,
         false,
         false,
         "arXiv:2412.05270: the projection is drawn anew from a seed"},
        {"lomo", "LOMO", {}, "", false, true, false, "arXiv:2306.09782: no state, gradients of one layer at a time"},
        {"shampoo",
         "Shampoo",
         {{"preconditioners, inverse roots", S::both_squares, StateOf::matrices, 2}},
         "fp32",
         false,
         false,
         false,
         "arXiv:1802.09568"},
        {"soap",
         "SOAP",
         {{"L, R, Q_L, Q_R", S::both_squares, StateOf::matrices, 2}, {"exp_avg"}, {"exp_avg_sq"}},
         "fp32",
         false,
         false,
         false,
         "arXiv:2409.11321, nikhilvyas/SOAP"},
    };
    return rows;
}

constexpr double blockwise(double bits, double block)
{
    return bits + 32 / block;
}

constexpr std::array<StateDtype, 6> dtypes = {{
    {"fp32", 32, false, "IEEE 754"},
    {"bf16", 16, false, "bfloat16"},
    {"fp16", 16, false, "IEEE 754"},
    {"int8", blockwise(8, 256), true, "an fp32 scale per 256: bitsandbytes, torchao"},
    {"fp8", blockwise(8, 256), true, "an fp32 scale per 256: torchao"},
    {"int4", blockwise(4, 128), true, "an fp32 scale per 128: torchao"},
}};

bool is_hidden_matrix(const Tensor& tensor)
{
    return tensor.columns.value > 1 && tensor.part != Part::embedding && tensor.part != Part::vision;
}

} // namespace

std::span<const Optimizer> optimizers()
{
    return table();
}

std::span<const StateDtype> state_dtypes()
{
    return dtypes;
}

const Optimizer* find_optimizer(std::string_view id)
{
    const auto row =
        std::find_if(table().begin(), table().end(), [&](const Optimizer& known) { return known.id == id; });
    return row == table().end() ? nullptr : &*row;
}

const StateDtype* find_state_dtype(std::string_view id)
{
    const auto* row =
        std::find_if(dtypes.begin(), dtypes.end(), [&](const StateDtype& known) { return known.id == id; });
    return row == dtypes.end() ? nullptr : row;
}

double state_elements(const OptimizerState& state, const Tensor& tensor, std::int64_t rank)
{
    if ((state.of == StateOf::matrices && !is_hidden_matrix(tensor)) ||
        (state.of == StateOf::rest && is_hidden_matrix(tensor)))
        return 0;
    const auto rows = static_cast<double>(tensor.rows.value);
    const auto columns = static_cast<double>(tensor.columns.value);
    const double matrices = static_cast<double>(tensor.copies.value) * static_cast<double>(tensor.layers);
    const bool vector = tensor.columns.value == 1;
    const double small = std::min(static_cast<double>(rank), std::min(rows, columns));
    const auto of_one = [&] {
        switch (state.shape) {
        case StateShape::full:
            return rows * columns;
        case StateShape::factored:
            return vector ? rows : rows + columns;
        case StateShape::per_row:
            return vector ? 1 : rows;
        case StateShape::low_rank:
            return small * std::max(rows, columns);
        case StateShape::projector:
            return small * std::min(rows, columns);
        case StateShape::both_squares:
            return rows * rows + columns * columns;
        }
        return rows * columns;
    };
    return static_cast<double>(state.count) * matrices * of_one();
}

double state_bytes_per_element(const StateDtype& dtype, const Tensor& tensor)
{
    constexpr std::int64_t quantized_from = 4096; // bitsandbytes min_8bit_size, torchao's own bound
    if (dtype.blockwise && tensor.rows.value * tensor.columns.value < quantized_from)
        return 4;
    return dtype.bits / 8;
}

} // namespace weighbridge
