#pragma once

#include "core/model/tensor.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace weighbridge {

/// How many elements one kind of optimizer state has for a matrix of m x n (or a vector of n).
enum class StateShape
{
    full,         ///< one per parameter: m · n
    factored,     ///< a row and a column: m + n; vectors are kept in full (Adafactor's second moment)
    per_row,      ///< one per output row (Adam-mini's second moment: per head or neuron)
    low_rank,     ///< r · max(m, n): moments in the projected space (GaLore, APOLLO)
    projector,    ///< r · min(m, n): the projection itself (GaLore)
    both_squares, ///< m² + n² (Shampoo's preconditioners)
};

/// Which parameters have the state.
enum class StateOf
{
    all,
    matrices, ///< 2-D weights of hidden layers: not embeddings, head, norms or biases
    rest,     ///< the others
};

/// One kind of state that an optimizer keeps.
struct OptimizerState
{
    std::string_view name; ///< "exp_avg"
    StateShape shape = StateShape::full;
    StateOf of = StateOf::all;
    std::int64_t count = 1;          ///< how many tensors of that shape
    bool in_parameter_dtype = false; ///< whatever dtype the states have (GaLore's projector)
};

/// How states are stored, in bits per element. 8- and 4-bit states are quantized in blocks, with an fp32 scale each;
/// small tensors stay in fp32.
struct StateDtype
{
    std::string_view id; ///< "fp32"
    double bits = 32;    ///< block scales included
    bool blockwise = false;
    std::string_view source;
};

/// A row of the table of optimizers.
struct Optimizer
{
    std::string_view id;    ///< "adamw", as scenarios spell it
    std::string_view label; ///< "AdamW"
    std::vector<OptimizerState> states;
    std::string_view dtype;   ///< of the states; "" where they follow the trained parameters' dtype
    bool paged = false;       ///< states are in unified memory, outside torch's allocator
    bool in_backward = false; ///< steps each parameter as its gradient appears (LOMO)
    bool foreach_copy = true; ///< a multi-tensor step needs one more copy of a state
    std::string_view source;
    std::string_view step = {}; ///< of a name that says how the step is done: "fused", "foreach"
    double step_copies = 0;     ///< fp32 copies of the largest tensor during the step, where weights are fp32
    double step_copies_16 = 0;  ///< and where they are in 16 bits
    std::string_view transformers_row = {}; ///< what transformers' optim of that name is, where it is another
    bool on_host = false;                   ///< states, gradients and step are in the host's memory
};

std::span<const Optimizer> optimizers();
std::span<const StateDtype> state_dtypes();

/// The row of that id; null where there is none.
const Optimizer* find_optimizer(std::string_view id);
const StateDtype* find_state_dtype(std::string_view id);

/// Elements of a state that the optimizer keeps for all of a row's tensors (layers and copies); 0 where it has none.
/// `rank` is that of GaLore and APOLLO.
double state_elements(const OptimizerState& state, const Tensor& tensor, std::int64_t rank);

/// Bytes per element of a state of this tensor.
double state_bytes_per_element(const StateDtype& dtype, const Tensor& tensor);

} // namespace weighbridge
