#include "core/training/state.h"

#include "core/training/adapters.h"
#include "core/training/freeze.h"
#include "core/training/saved_tensors.h"

#include <algorithm>
#include <iterator>

namespace weighbridge {

namespace {

double divisor(const TrainingInputs& in, const Tensor& tensor)
{
    return static_cast<double>(std::max<std::int64_t>(1, in.sharding.divisor(tensor, in.hardware->tensor_parallel)));
}

double local(const TrainingInputs& in, const Tensor& tensor)
{
    return static_cast<double>(tensor.elements()) / divisor(in, tensor);
}

double ranks(const TrainingInputs& in, bool sharded, bool expert)
{
    if (!sharded)
        return 1;
    return static_cast<double>(expert ? in.expert_shard : in.shard);
}

std::string symbol(bool expert, bool adapter)
{
    return adapter ? expert ? "P_lora,exp" : "P_lora" : expert ? "P_exp" : "P";
}

/// A is rank x in, B out x rank. What the tensor parallelism divides of the matrix divides that side of its adapter.
void add_adapter(const TrainingInputs& in, const Adapter& adapter, std::vector<TrainedTensor>& list)
{
    const Tensor& tensor = *adapter.tensor;
    const double parts = divisor(in, tensor);
    const bool by_rows = tensor.sharding != Sharding::row;
    const bool expert = tensor.part == Part::experts;
    const auto add = [&](Extent rows, Extent columns, double divided) {
        TrainedTensor part{.tensor = tensor, .expert = expert, .adapter = true};
        part.tensor.rows = rows;
        part.tensor.columns = columns;
        part.whole_elements = static_cast<double>(rows.value) * static_cast<double>(columns.value) *
                              static_cast<double>(tensor.copies.value) * static_cast<double>(tensor.layers);
        part.elements = part.whole_elements / divided;
        list.push_back(std::move(part));
    };
    const Extent rank{in.choice->lora_rank, "r"};
    if (!adapter.shares_a)
        add(rank, tensor.columns, expert || !by_rows ? parts : 1);
    add(tensor.rows, rank, expert || by_rows ? parts : 1);
    if (in.choice->method == "dora")
        add(tensor.rows, {}, expert || by_rows ? parts : 1);
}

/// A share of the parameters, as the appendix counts.
TrainedTensor fraction_of(const TrainingInputs& in, const Model& stage)
{
    double whole = 0;
    double here = 0;
    for (const Tensor& tensor : stage.tensors) {
        whole += static_cast<double>(tensor.elements());
        here += local(in, tensor);
    }
    TrainedTensor part{.tensor = vector_tensor("lora_fraction", Part::attention, {1, "P_lora"}, Sharding::column),
                       .adapter = true};
    part.tensor.rows.value = std::max<std::int64_t>(1, static_cast<std::int64_t>(whole * *in.choice->lora_fraction));
    part.elements = here * *in.choice->lora_fraction;
    part.whole_elements = whole * *in.choice->lora_fraction;
    return part;
}

TrainedTensor whole_tensor(const TrainingInputs& in, const Tensor& tensor, double share = 1)
{
    return {.tensor = tensor,
            .elements = share * local(in, tensor),
            .whole_elements = share * static_cast<double>(tensor.elements()),
            .expert = tensor.part == Part::experts};
}

double base_bytes(const TrainingInputs& in, const Tensor& tensor)
{
    if (!in.frozen_base)
        return in.weight_bytes;
    const double bytes = bytes_per_element(in.base, tensor);
    const bool cast = in.prepares_kbit && !(tensor.quantizable && bytes < 2);
    return cast ? std::max(bytes, fp32_bytes) : bytes;
}

} // namespace

bool is_embedding(const Tensor& tensor)
{
    return tensor.part == Part::embedding && tensor.columns.value > 1 && tensor.end != End::output;
}

double largest_trained(const TrainingInputs& in, const std::vector<TrainedTensor>& trained)
{
    double largest = 0;
    for (const TrainedTensor& part : trained) {
        const auto count = static_cast<double>(std::max<std::int64_t>(1, part.tensor.layers)) *
                           static_cast<double>(std::max<std::int64_t>(1, part.tensor.copies.value));
        largest = std::max(largest, part.elements / count / ranks(in, in.shards_states, part.expert));
    }
    return largest;
}

bool gradients_on_host(const TrainingInputs& in)
{
    return in.offload_parameters || (in.offload_optimizer && in.deepspeed_buckets);
}

void add_share(std::vector<Share>& shares, Share share)
{
    if (share.elements <= 0 || share.bytes <= 0)
        return;
    const auto same = std::find_if(shares.begin(), shares.end(), [&](const Share& other) {
        return other.symbol == share.symbol && other.bytes == share.bytes && other.ranks == share.ranks;
    });
    if (same == shares.end())
        shares.push_back(std::move(share));
    else
        same->elements += share.elements;
}

double total_of(const std::vector<Share>& shares)
{
    double total = 0;
    for (const Share& share : shares)
        total += share.elements * share.bytes / share.ranks;
    return total;
}

std::vector<Share> largest_by_dtype(const std::vector<Share>& shares)
{
    std::vector<Share> largest;
    for (const Share& first : shares) {
        std::vector<Share> group;
        std::copy_if(shares.begin(), shares.end(), std::back_inserter(group),
                     [&](const Share& share) { return share.bytes == first.bytes; });
        if (total_of(group) > total_of(largest))
            largest = std::move(group);
    }
    return largest;
}

std::vector<TrainedTensor> trained_tensors(const TrainingInputs& in, const Model& stage)
{
    std::vector<TrainedTensor> list;
    list.reserve(stage.tensors.size());
    if (!in.frozen_base) {
        for (const Tensor& tensor : stage.tensors)
            if (const double share = unfrozen_share(in, tensor); share > 0)
                list.push_back(whole_tensor(in, tensor, share));
        return list;
    }
    if (in.choice->lora_fraction) {
        list.push_back(fraction_of(in, stage));
    } else {
        for (const Adapter& adapter : adapters_of(stage.tensors, in.choice->lora_target_modules))
            if (unfrozen_share(in, *adapter.tensor) > 0)
                add_adapter(in, adapter, list);
    }
    for (const Tensor& tensor : stage.tensors)
        if (trains_weights(in, tensor))
            list.push_back(whole_tensor(in, tensor));
    return list;
}

std::vector<Share> resident_weights(const TrainingInputs& in, const Model& stage)
{
    std::vector<Share> shares;
    if (in.offload_parameters)
        return shares;
    for (const Tensor& tensor : stage.tensors) {
        const bool expert = tensor.part == Part::experts;
        const double bytes = base_bytes(in, tensor);
        std::string name = symbol(expert, false);
        if (in.frozen_base && in.base.bits < 16)
            name += bytes < 2 ? ",w" : ",16";
        add_share(shares, {std::move(name), local(in, tensor), bytes, ranks(in, in.shards_weights, expert)});
    }
    return shares;
}

std::vector<Share> adapter_weights(const TrainingInputs& in, const std::vector<TrainedTensor>& trained)
{
    std::vector<Share> shares;
    if (!in.frozen_base || in.offload_parameters)
        return shares;
    constexpr double saved_copy = 2; // copies of modules_to_save keep the base's 16 bits
    for (const TrainedTensor& part : trained)
        add_share(shares, {part.adapter ? symbol(part.expert, true) : "P_saved", part.elements,
                           part.adapter ? in.weight_bytes : saved_copy, ranks(in, in.shards_weights, part.expert)});
    return shares;
}

std::vector<Share> gradients(const TrainingInputs& in, const std::vector<TrainedTensor>& trained)
{
    std::vector<Share> shares;
    if (gradients_on_host(in))
        return shares;
    for (const TrainedTensor& part : trained) {
        const double bytes = in.frozen_base && !part.adapter ? 2 : in.gradient_bytes;
        add_share(shares, {in.frozen_base && !part.adapter ? "P_saved" : symbol(part.expert, part.adapter),
                           part.elements, bytes, ranks(in, in.shards_gradients, part.expert)});
    }
    return shares;
}

std::vector<Share> optimizer_states(const TrainingInputs& in, const std::vector<TrainedTensor>& trained)
{
    std::vector<Share> shares;
    for (const TrainedTensor& part : trained) {
        // of all layers, those that are not frozen
        const double whole = part.adapter ? part.whole_elements : static_cast<double>(part.tensor.elements());
        const double on_rank = part.elements / std::max(1.0, whole);
        for (const OptimizerState& state : in.optimizer->states) {
            double bytes =
                state.in_parameter_dtype ? in.weight_bytes : state_bytes_per_element(*in.states, part.tensor);
            if (in.states->blockwise && in.framework->wide_embedding_states && !part.adapter &&
                is_embedding(part.tensor)) // transformers' GlobalOptimManager override: nn.Embedding, not the head
                bytes = 4;
            if (in.frozen_base && !part.adapter)
                bytes = std::min(bytes, 2.0);
            const double elements = part.adapter && part.tensor.name == "lora_fraction"
                                        ? part.elements
                                        : state_elements(state, part.tensor, in.choice->optimizer_rank) * on_rank;
            add_share(shares, {"n_state", elements, bytes, ranks(in, in.shards_states, part.expert)});
        }
    }
    return shares;
}

std::vector<Share> master_weights(const TrainingInputs& in, const std::vector<TrainedTensor>& trained)
{
    std::vector<Share> shares;
    for (const TrainedTensor& part : trained)
        add_share(shares, {symbol(part.expert, part.adapter), part.elements, in.master_bytes,
                           ranks(in, in.shards_states, part.expert)});
    return shares;
}

namespace {

/// Of a network's tensors, those that a critic has: a scalar head takes the place of the vocabulary's.
bool is_of_critic(const Tensor& tensor)
{
    return !(tensor.part == Part::embedding && tensor.end == End::output && tensor.columns.value > 1);
}

} // namespace

double side_elements(const TrainingInputs& in, const Model& stage, const SideNetwork& side)
{
    double elements = 0;
    for (const Tensor& tensor : side.model ? side.model->tensors : stage.tensors)
        elements += !side.trained || is_of_critic(tensor) ? local(in, tensor) : 0;
    return side.model ? elements / static_cast<double>(in.hardware->pipeline_parallel) : elements;
}

double side_share(const TrainingInputs& in, const Model& stage, const SideNetwork& side)
{
    double own = 0;
    for (const Tensor& tensor : stage.tensors)
        own += local(in, tensor);
    return own > 0 ? side_elements(in, stage, side) / own : 0;
}

std::vector<Share> side_weights(const TrainingInputs& in, const Model& stage, const SideNetwork& side)
{
    if (!side.model && !side.trained)
        return resident_weights(in, stage);
    std::vector<Share> shares;
    if (side.trained && !side.model) {
        shares = resident_weights(in, stage);
        const double share = side_share(in, stage, side);
        for (Share& part : shares)
            part.elements *= share;
        return shares;
    }
    const double bytes = side.trained && !in.frozen_base ? in.weight_bytes : 2; // loaded in 16 bits
    add_share(shares, {"P_" + std::string(side.id), side_elements(in, stage, side), bytes,
                       ranks(in, in.shards_weights, false)});
    return shares;
}

GatheredWeights gathered_weights(const TrainingInputs& in, const Model& stage)
{
    GatheredWeights gathered;
    std::vector<double> layer_bytes(stage.architecture.kinds.size());
    std::vector<double> layer_trained(stage.architecture.kinds.size());
    for (const Tensor& tensor : stage.tensors) {
        const double bytes = in.frozen_base ? base_bytes(in, tensor) : in.recipe.compute;
        const double elements = local(in, tensor);
        const double trained = trains_weights(in, tensor) ? elements : 0;
        if (tensor.kind == Tensor::no_index) {
            gathered.outside += elements * bytes;
            gathered.largest_outside = std::max(gathered.largest_outside, elements * bytes);
            gathered.trained_outside += trained;
            gathered.trained_largest_outside = std::max(gathered.trained_largest_outside, trained);
            continue;
        }
        const auto layers = static_cast<double>(tensor.layers);
        layer_bytes[tensor.kind] += elements * bytes / layers;
        layer_trained[tensor.kind] += trained / layers;
        gathered.all_layers += elements * bytes;
    }
    for (const double bytes : layer_bytes)
        gathered.layer = std::max(gathered.layer, bytes);
    for (const double trained : layer_trained)
        gathered.trained_layer = std::max(gathered.trained_layer, trained);
    return gathered;
}

} // namespace weighbridge
