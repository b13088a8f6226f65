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
#include "core/training/trainer.h"

#include <memory>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A network that stands beside the one that is trained.
struct SideNetwork
{
    std::string_view id; ///< "critic"
    std::string_view label;
    std::shared_ptr<const Model> model{}; ///< null: a copy of the network itself
    bool trained = false;
    bool together = false; ///< goes back in the same pass, so that its activations are there with the network's
};

/// A training scenario with its names looked up and its defaults filled in: what the rules of core/training work on.
/// Refers to the scenario, the model and the accelerator it was made from.
struct TrainingInputs
{
    const Model* model = nullptr;
    const TrainingChoice* choice = nullptr;
    const HardwareChoice* hardware = nullptr;
    const Accelerator* accelerator = nullptr; ///< null where no device was given

    std::shared_ptr<const Framework> framework; ///< as it was at its version
    const Trainer* trainer = nullptr;
    Recipe recipe;
    const Optimizer* optimizer = nullptr;
    const StateDtype* states = nullptr;
    const Loss* loss = nullptr;
    RecomputePolicy recompute;
    StepImplementation step = StepImplementation::foreach;

    bool frozen_base = false; ///< adapters are trained, the network is not
    NumberFormat base;        ///< how a frozen network is stored
    bool prepares_kbit = false;
    double quantized_copies = 0;      ///< of FP8: bytes per element of matrices, beside their weights
    double saved_input_bytes = 2;     ///< per element of a matrix's input that its gradient needs
    bool keeps_inputs = false;        ///< every quantized matrix keeps its input
    bool adapters_cast_input = false; ///< adapters are wider than the base and keep a copy of their input each
    double gradient_bytes = 2;        ///< per trained parameter
    double master_bytes = 0;
    double hidden_bytes = 2; ///< of the residual stream: fp32 where embedding and norms were cast
    double weight_bytes = 2; ///< of trained parameters; of adapters where the base is frozen

    bool fused_kernels = false;
    bool fused_gates = false;    ///< gate, up and their product are one kernel
    bool gates_in_place = false; ///< gradients inside the feed-forward overwrite what it kept
    double hidden_dropout = 0;
    double attention_dropout = 0;
    double mlp_tiles = 1; ///< pieces of the sequence that the feed-forward runs in
    bool compiled = false;
    bool compiled_loss = false;
    bool optimizer_in_backward = false;
    bool gradients_kept = false; ///< gradients exist during the forward pass

    std::int64_t sequence_length = 1;
    double average_share = 0; ///< of the length that an average batch has; 0 where all batches are alike
    bool expandable_segments = false;
    double sequences = 1;           ///< of one micro batch: b, twice that where its rows are pairs
    std::int64_t tokens = 1;        ///< of one micro batch on one GPU: s · b / cp
    double logit_tokens = 1;        ///< of these, those that have logits
    double generated_sequences = 0; ///< made at once on this GPU; 0: none are
    double colocated_share = 0;     ///< of the GPU's memory, for an engine beside the trainer
    bool colocated_sleeps = false;
    double references = 0;                ///< frozen copies of the network on the device
    std::vector<SideNetwork> beside{};    ///< critic, reward model, teacher
    std::int64_t first_trained_layer = 0; ///< layers before it are frozen, and so is all below: they keep nothing
    double imbalance = 1;                 ///< of tokens over ranks that share the experts
    std::string_view context_method;      ///< as Framework::context_method
    std::string_view pipeline_schedule;   ///< "1f1b", "interleaved", "zero_bubble", "gpipe"
    std::int64_t fsdp_version = 2;
    bool own_units = false;         ///< FSDP: embedding and head are units of their own, given up like a layer
    double reduce_bytes = 4;        ///< per element that FSDP reduces
    bool keeps_boundaries = false;  ///< FSDP1, frozen: every layer's input and its gradient stay to the end of backward
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

/// Of "uniform:X": X, from 0 to 1; nothing for other texts.
std::optional<double> least_share(std::string_view distribution);

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
    Bytes allocated;     ///< the peak of torch's allocator
    Bytes allocated_low; ///< the range that real runs of the framework lie in (training/spread.h)
    Bytes allocated_high;
    Bytes reserved; ///< what the allocator has taken from the device by then
    Bytes reserved_low;
    Bytes reserved_high;
    double spread = 0;             ///< of what is allocated, either side
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

/// The terms of a stage's peak with low and high, and the overhead: what an estimate shows of the fullest, and a device
/// of its own stage.
std::vector<Term> training_terms(const TrainingMemory& memory, const TrainingStage& stage);

} // namespace weighbridge
