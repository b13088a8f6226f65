#pragma once

#include "core/hardware/accelerator.h"
#include "core/memory/sharding.h"
#include "core/memory/stages.h"
#include "core/memory/term.h"
#include "core/model/model.h"
#include "core/precision/format.h"
#include "core/quantity/result.h"
#include "core/scenario/scenario.h"
#include "core/training/framework.h"
#include "core/training/optimizer.h"
#include "core/training/recomputation.h"

#include <memory>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A training scenario with its names looked up and its defaults filled in: what the rules of core/training work on.
/// Refers to the scenario, the model and the accelerator it was made from.
struct TrainingInputs
{
    const Model* model = nullptr;
    const TrainingChoice* choice = nullptr;
    const HardwareChoice* hardware = nullptr;
    const Accelerator* accelerator = nullptr; ///< null where no device was given

    const Framework* framework = nullptr;
    Recipe recipe;
    const Optimizer* optimizer = nullptr;
    const StateDtype* states = nullptr;
    const Loss* loss = nullptr;
    RecomputePolicy recompute;
    StepImplementation step = StepImplementation::foreach;

    bool frozen_base = false; ///< adapters are trained, the network is not
    NumberFormat base;        ///< how a frozen network is stored
    bool prepares_kbit = false;
    double quantized_copies = 0;  ///< of FP8: bytes per element of matrices, beside their weights
    double saved_input_bytes = 2; ///< per element of a matrix's input that its gradient needs
    bool keeps_inputs = false;    ///< bitsandbytes' MatMul4Bit keeps the input of every matrix it multiplies
    double gradient_bytes = 2;    ///< per trained parameter
    double master_bytes = 0;
    double hidden_bytes = 2; ///< of the residual stream: fp32 where embedding and norms were cast
    double weight_bytes = 2; ///< of trained parameters; of adapters where the base is frozen

    bool fused_kernels = false;
    bool compiled = false;
    bool compiled_loss = false;
    bool optimizer_in_backward = false;
    bool gradients_kept = false; ///< gradients exist during the forward pass

    std::int64_t sequence_length = 1;
    double average_share = 0; ///< of the length that an average batch has; 0 where all batches are alike
    bool expandable_segments = false;
    std::int64_t tokens = 1;        ///< of one micro batch on one GPU: s · b / cp
    std::int64_t shard = 1;         ///< ranks that share what is sharded
    std::int64_t expert_shard = 1;  ///< the same for routed experts, whose expert parallelism uses up ranks
    bool shards_weights = false;    ///< FSDP, ZeRO-3
    bool shards_gradients = false;  ///< and ZeRO-2
    bool shards_states = false;     ///< and ZeRO-1
    bool deepspeed_buckets = false; ///< ZeRO as DeepSpeed does it
    bool reshard = true;            ///< gathered weights are given up after each layer
    bool offload_optimizer = false;
    bool offload_parameters = false;
    bool offload_activations = false;
    std::int64_t microbatches = 1; ///< in the pipeline during one step
    ShardingRules sharding;
    std::shared_ptr<const PipelineStages> stages; ///< null where there is one stage
};

/// The format that somebody chose for the weights, where it has an effect. Parameters that are all trained are kept as
/// the recipe says, in 16 bits or more; QLoRA quantizes what is not quantized yet.
std::optional<std::string> effective_weights(const Scenario& scenario, const Model& model);

/// How weights that are not trained are stored: what was chosen, else NF4 under QLoRA, else as the model has it.
std::string base_weights(const Scenario& scenario, const Model& model);

Result<TrainingInputs> training_inputs(const Scenario& scenario, const Model& model,
                                       const Accelerator* accelerator = nullptr);

/// The options of the task with what framework, optimizer and layout decide filled in where they were left open. For
/// showing: a scenario made of them would not leave anything open any more.
TrainingChoice options_in_use(const TrainingInputs& inputs);

/// What keeps a scenario from being trained (errors), and what is odd about it. Fields are dotted keys.
std::vector<Issue> check_training(const Scenario& scenario, const Model& model);

/// A moment of a step at which memory may peak.
struct Moment
{
    std::string_view id; ///< "forward_end", "backward_start", "backward_end", "optimizer_step", "load"
    std::string_view label;
    std::string_view why; ///< one sentence: what makes it large
    std::vector<Term>
        terms{};   ///< weights, adapters, gradients, optimizer, activations, logits; empty ones are left out
    Bytes total{}; ///< allocated
};

/// One stage of the pipeline.
struct TrainingStage
{
    std::int64_t stage = 0;
    std::int64_t layers = 0;
    double parameters = 0; ///< of one rank
    double in_flight = 1;  ///< micro batches whose activations it holds
    std::vector<Moment> moments{};
    std::size_t peak = 0; ///< of `moments`

    const Moment& peak_moment() const { return moments[peak]; }
};

/// The memory of a training step, per GPU of the fullest rank.
struct TrainingMemory
{
    std::vector<TrainingStage> stages;
    std::size_t fullest = 0;
    Bytes allocated;               ///< the peak of torch's allocator
    Bytes reserved;                ///< what the allocator has taken from the device by then
    Term overhead;                 ///< outside the allocator
    TrainingChoice used;           ///< every default filled in; see options_in_use()
    double trained_parameters = 0; ///< of the whole model
    double flops_per_step = 0;     ///< of one optimizer step, the whole model and all data-parallel ranks
    Formula flops_formula;

    const TrainingStage& stage() const { return stages[fullest]; }
    const Moment& peak() const { return stage().peak_moment(); }
};

/// At least what any moment takes, in floating point: training_memory() may be asked only where this is exact.
double training_bytes_bound(const TrainingInputs& inputs);

TrainingMemory training_memory(const TrainingInputs& inputs, bool text);

/// The moment's terms with low and high, and the overhead: what an estimate shows.
std::vector<Term> training_terms(const TrainingMemory& memory);

} // namespace weighbridge
