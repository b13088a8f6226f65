#pragma once

#include "core/training/training.h"

#include <string>
#include <vector>

namespace weighbridge {

/// A tensor that is trained, as large as one rank of the tensor and expert parallelism holds it.
struct TrainedTensor
{
    Tensor tensor;             ///< of an adapter: its A or B
    double elements = 0;       ///< on one rank, before data-parallel sharding
    double whole_elements = 0; ///< of the whole network
    bool expert = false;
    bool adapter = false;
};

/// Full training: every tensor of the stage. With a frozen base: the adapters, and copies of modules_to_save.
std::vector<TrainedTensor> trained_tensors(const TrainingInputs& inputs, const Model& stage);

/// The table that tokens are looked up in, the head as well where they are tied.
bool is_embedding(const Tensor& tensor);
/// Elements of the largest tensor that is trained, as one rank steps it.
double largest_trained(const TrainingInputs& inputs, const std::vector<TrainedTensor>& trained);

/// Bytes of something on one rank, as a sum of counts times bytes, over ranks that share it.
struct Share
{
    std::string symbol; ///< "P", "P_exp"
    double elements = 0;
    double bytes = 0; ///< per element
    double ranks = 1; ///< that share it
};

/// Shares with equal symbol, bytes and ranks are one.
void add_share(std::vector<Share>& shares, Share share);
double total_of(const std::vector<Share>& shares);
/// Of the shares with equal bytes per element, those that are most together; empty for none.
std::vector<Share> largest_by_dtype(const std::vector<Share>& shares);
/// "P · B / N + P_exp · B / N_exp", and its value.
template<class Number>
Number sum_of(const std::vector<Share>& shares, std::string_view bytes_symbol)
{
    Number sum = constant<Number>(0);
    bool empty = true;
    for (const Share& share : shares) {
        Number part = named<Number>(share.symbol, share.elements) * named<Number>(bytes_symbol, share.bytes);
        if (share.ranks > 1)
            part = part / named<Number>("N", share.ranks);
        sum = empty ? part : sum + part;
        empty = false;
    }
    return sum;
}

/// Weights as they stay on the device between steps.
std::vector<Share> resident_weights(const TrainingInputs& inputs, const Model& stage);
/// Adapters and copies of modules_to_save; none in full training.
std::vector<Share> adapter_weights(const TrainingInputs& inputs, const std::vector<TrainedTensor>& trained);
/// None where they leave for the host as they are reduced (gradients_on_host).
std::vector<Share> gradients(const TrainingInputs& inputs, const std::vector<TrainedTensor>& trained);
/// DeepSpeed with the optimizer in the host's memory: each gradient leaves as it is reduced (runtime/zero/
/// stage_1_and_2.py copy_grads_in_partition, stage3.py partition_grads).
bool gradients_on_host(const TrainingInputs& inputs);
/// States and master weights, wherever they lie.
std::vector<Share> optimizer_states(const TrainingInputs& inputs, const std::vector<TrainedTensor>& trained);
std::vector<Share> master_weights(const TrainingInputs& inputs, const std::vector<TrainedTensor>& trained);

/// Elements of a network that stands beside this one, on one rank of a stage; of a preset an even share.
double side_elements(const TrainingInputs& inputs, const Model& stage, const SideNetwork& side);
/// The same over the stage's own.
double side_share(const TrainingInputs& inputs, const Model& stage, const SideNetwork& side);
/// Its weights: a copy's as the network's own, a preset's in 16 bits, of a critic as the recipe says.
std::vector<Share> side_weights(const TrainingInputs& inputs, const Model& stage, const SideNetwork& side);

/// Bytes that a sharded run gathers: one layer's (the largest), and what lies outside the layers.
struct GatheredWeights
{
    double layer = 0;
    double all_layers = 0;
    double outside = 0;
    double largest_outside = 0; ///< matrix
    double trained_layer = 0;   ///< elements of the largest layer that are trained
    double trained_outside = 0;
    double trained_largest_outside = 0; ///< matrix
};
GatheredWeights gathered_weights(const TrainingInputs& inputs, const Model& stage);

} // namespace weighbridge
