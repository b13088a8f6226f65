#include "core/engines/generic/generic.h"

#include "core/engines/generic/notebook.h"
#include "core/engines/inference.h"
#include "core/memory/activations.h"
#include "core/memory/cache.h"
#include "core/memory/overhead.h"
#include "core/memory/weights.h"

#include <memory>
#include <string>
#include <utility>

namespace weighbridge {

namespace {

MemoryFigures figures_of(const InferenceInputs& inputs)
{
    MemoryFigures figures;
    figures.weights = weight_bytes(inputs);
    figures.kv_cache = cache_bytes(inputs);
    figures.activations = activation_bytes(inputs, figures.weights);
    figures.overhead = overhead_bytes(inputs, figures.weights);
    return figures;
}

class GenericPlan final : public Plan
{
public:
    using Plan::Plan;

    DeviceLoad fullest(std::int64_t sequences) const override
    {
        const MemoryFigures figures = figures_of(with_sequences(load_, sequences));
        return {.figures = figures, .needed = figures.whole(), .usable = usable_device_memory(load_)};
    }

    std::vector<Term> terms(bool text) const override
    {
        if (!text) {
            const MemoryFigures figures = figures_of(load_);
            return {make_term("weights", "Weights", figures.weights),
                    make_term("kv_cache", "KV cache", figures.kv_cache),
                    make_term("activations", "Activations", figures.activations, Basis::derived),
                    make_term("overhead", "Overhead", figures.overhead, Basis::assumed)};
        }
        std::vector<Term> list;
        list.push_back(weights_term(load_));
        list.push_back(cache_term(load_));
        list.push_back(activations_term(load_, list.front()));
        list.push_back(overhead_term(load_, list.front()));
        return list;
    }

    std::vector<EnginePrint> prints() const override { return notebook_prints(load_); }
    std::vector<Issue> issues() const override
    {
        if (load_.engine->id == generic_engine)
            return notebook_issues(load_);
        return {{"inference.engine", Severity::warning,
                 std::string(load_.engine->name) +
                     " has no rules of memory here: the memory is that of the formulas alone"}};
    }
};

PlanPointer generic_plan(InferenceInputs load)
{
    return std::make_shared<GenericPlan>(std::move(load));
}

} // namespace

const Engine generic_rules = {.id = generic_engine,
                              .name = "Formulas alone",
                              .summary = "formulas alone",
                              .versions = "",
                              .takes_formulas = true,
                              .prints_heading = "By the notebook's rules",
                              .plan = generic_plan};

const Engine exllamav2_rules = {.id = "exllamav2",
                                .name = "ExLlamaV2",
                                .summary = "memory by formulas alone",
                                .versions = "",
                                .also = {"exl2"},
                                .plan = generic_plan};

const Engine deepspeed_mii_rules = {.id = "deepspeed-mii",
                                    .name = "DeepSpeed-MII",
                                    .summary = "memory by formulas alone",
                                    .versions = "",
                                    .also = {"deepspeed_mii", "deepspeed"},
                                    .plan = generic_plan};

const Engine optimum_habana_rules = {.id = "optimum-habana",
                                     .name = "Optimum Habana",
                                     .summary = "memory by formulas alone",
                                     .versions = "",
                                     .also = {"optimum_habana"},
                                     .plan = generic_plan};

} // namespace weighbridge
