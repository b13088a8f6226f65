#include "core/training/host.h"

#include "core/training/moment_terms.h"
#include "core/training/state.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace weighbridge {

namespace {

/// Bytes of one rank of a stage.
struct Offloaded
{
    double weights = 0;
    double gradients = 0;
    double optimizer = 0;
    double activations = 0;

    double total() const { return weights + gradients + optimizer + activations; }

    Offloaded& add(const Offloaded& other, double times)
    {
        weights += times * other.weights;
        gradients += times * other.gradients;
        optimizer += times * other.optimizer;
        activations += times * other.activations;
        return *this;
    }
};

double activations_at_end(const TrainingInputs& in, const StageState& like)
{
    StageState state = like;
    state.inputs = &in;
    const std::vector<Term> terms = moment_terms<double>(state, MomentKind::forward_end);
    const Term* term = find_term(terms, "activations");
    return term == nullptr ? 0 : static_cast<double>(term->bytes.count);
}

/// What the device would hold if nothing were offloaded, less what it holds.
Offloaded of_rank(const TrainingInputs& in, const Model& model, std::int64_t stage, bool last)
{
    TrainingInputs kept = in;
    kept.offload_optimizer = kept.offload_parameters = kept.offload_activations = false;
    if (kept.recompute.kind == Recompute::offload)
        kept.recompute.kind = Recompute::full;
    const StageState state = stage_state(kept, model, stage, last);
    Offloaded bytes;
    if (in.offload_parameters) {
        bytes.weights = total_of(resident_weights(kept, model)) + total_of(adapter_weights(kept, state.trained));
    }
    if (gradients_on_host(in))
        bytes.gradients = total_of(gradients(kept, state.trained));
    if (in.offload_optimizer)
        bytes.optimizer =
            total_of(optimizer_states(kept, state.trained)) + total_of(master_weights(kept, state.trained));
    if (in.offload_activations)
        bytes.activations = std::max(0.0, activations_at_end(kept, state) - activations_at_end(in, state));
    return bytes;
}

std::vector<Offloaded> of_stages(const TrainingInputs& in)
{
    std::vector<Offloaded> list;
    for_each_stage(in, [&](const TrainingInputs& part, const Model& model, std::int64_t stage, bool last) {
        list.push_back(of_rank(part, model, stage, last));
    });
    return list;
}

/// Machines are filled rank by rank, and ranks stage by stage.
Offloaded fullest_machine(const std::vector<Offloaded>& stages, std::int64_t ranks_of_stage, std::int64_t machine)
{
    Offloaded fullest;
    Offloaded here;
    std::int64_t room = machine;
    for (const Offloaded& stage : stages) {
        std::int64_t left = ranks_of_stage;
        while (left > 0) {
            if (room == 0) {
                here = {};
                room = machine;
            }
            const std::int64_t taken = std::min(left, room);
            here.add(stage, static_cast<double>(taken));
            left -= taken;
            room -= taken;
            if (here.total() > fullest.total())
                fullest = here;
            if (left > machine)
                left = left % machine + machine; // machines between are alike
        }
    }
    return fullest;
}

} // namespace

std::vector<Term> training_host_terms(const TrainingInputs& in, std::int64_t ranks_of_machine, bool text)
{
    if (in.choice->book_rules || !(in.offload_parameters || in.offload_optimizer || in.offload_activations))
        return {};
    const HardwareChoice& hardware = *in.hardware;
    const Offloaded bytes =
        fullest_machine(of_stages(in), hardware.tensor_parallel * hardware.context_parallel * hardware.data_parallel,
                        std::max<std::int64_t>(1, ranks_of_machine));
    struct Row
    {
        std::string_view id;
        std::string_view label;
        std::string_view symbol;
        double bytes;
        std::string_view source;
    };
    const std::array<Row, 4> rows = {
        {{"weights", "Weights", "W_host", bytes.weights, "offload of parameters: each rank's share of them"},
         {"gradients", "Gradients", "G_host", bytes.gradients, "they follow the offloaded parameters"},
         {"optimizer", "Optimizer", "O_host", bytes.optimizer,
          "offload of the optimizer: states and master weights of each rank"},
         {"activations", "Activations", "A_host", bytes.activations,
          "what every layer keeps and the device gave away, micro batches in flight together"}}};
    std::vector<Term> terms;
    for (const Row& row : rows) {
        if (row.bytes <= 0)
            continue;
        terms.push_back(text ? make_term(row.id, row.label, named<Traced>(row.symbol, row.bytes), Basis::derived)
                             : make_term(row.id, row.label, row.bytes, Basis::derived));
        terms.back().source =
            std::string(row.source) + "; up to " + std::to_string(ranks_of_machine) + " ranks are on one machine";
    }
    return terms;
}

} // namespace weighbridge
