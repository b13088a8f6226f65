#include "core/answers/deployment_candidates.h"

#include "core/engines/engine.h"
#include "core/engines/inference.h"
#include "core/fields/fields.h"
#include "core/hardware/system.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

/// Accelerators of one kind, so many to a replica.
struct Machine
{
    Accelerator accelerator;
    std::string system;
    std::int64_t gpus = 0;
};

std::int64_t own_gpus(const HardwareChoice& hardware)
{
    return hardware.count.value_or(hardware.tensor_parallel * hardware.pipeline_parallel * hardware.data_parallel);
}

Result<std::vector<Machine>> machines_of(const Question& question, const DeploymentRange& range)
{
    std::vector<std::int64_t> counts = range.counts;
    if (counts.empty())
        counts = {own_gpus(question.scenario.hardware)};
    std::vector<std::string> names = range.accelerators;
    if (names.empty() && range.systems.empty())
        names = {question.accelerator.id};
    const Catalogue catalogue;
    std::vector<Machine> machines;
    for (const std::string& name : names) {
        const auto found =
            name == question.accelerator.id ? Result<Accelerator>(question.accelerator) : catalogue.find(name);
        if (!found)
            return Error{"candidates.accelerators", found.error().message};
        for (const std::int64_t count : counts)
            machines.push_back({*found, {}, count});
    }
    for (const std::string& name : range.systems) {
        const auto system = find_system(name);
        const auto found = system ? catalogue.find(system->accelerator) : Result<Accelerator>(Error{});
        if (!system || !found)
            return Error{"candidates.systems", "there is no system \"" + name + "\""};
        machines.push_back({*found, name, system->packages * found->devices_per_package});
    }
    return machines;
}

LayoutKeys keys_of(std::int64_t tensor, std::int64_t pipeline, std::int64_t data, std::int64_t expert)
{
    LayoutKeys keys = {{"hardware.tensor_parallel", std::to_string(tensor)},
                       {"hardware.pipeline_parallel", std::to_string(pipeline)},
                       {"hardware.data_parallel", std::to_string(data)}};
    if (expert > 1)
        keys.emplace_back("hardware.expert_parallel", std::to_string(expert));
    return keys;
}

/// Every way to share out so many accelerators that the engine's row has.
std::vector<LayoutKeys> all_layouts(const Engine& engine, const Question& question, std::int64_t gpus)
{
    if (engine.splits_layers)
        return {keys_of(1, gpus, 1, 1)};
    const bool experts = has_experts(question.model->architecture);
    const bool replicates = engine.replicates && replicas_take_gpus(engine, question.scenario.inference);
    std::vector<LayoutKeys> layouts;
    for (std::int64_t tensor = 1; tensor <= gpus; ++tensor)
        for (std::int64_t pipeline = 1; gpus % tensor == 0 && pipeline <= gpus / tensor; ++pipeline) {
            const std::int64_t data = gpus / tensor / pipeline;
            if (gpus / tensor % pipeline != 0 || (pipeline > 1 && !engine.pipelines) || (data > 1 && !replicates))
                continue;
            layouts.push_back(keys_of(tensor, pipeline, data, 1));
            if (engine.replicates && experts && tensor * data > 1)
                layouts.push_back(keys_of(tensor, pipeline, data, tensor * data));
        }
    return layouts;
}

std::int64_t rank_of(const LayoutKeys& keys, std::string_view key)
{
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const auto& pair) { return pair.first == key; });
    return found == keys.end() ? 1 : std::max<std::int64_t>(1, std::atoll(found->second.c_str()));
}

std::int64_t gpus_of(const LayoutKeys& keys)
{
    return rank_of(keys, "hardware.tensor_parallel") * rank_of(keys, "hardware.pipeline_parallel") *
           rank_of(keys, "hardware.data_parallel");
}

/// With the ranks that a list left out.
LayoutKeys completed(const LayoutKeys& keys)
{
    LayoutKeys all = keys;
    for (const std::string_view key :
         {"hardware.tensor_parallel", "hardware.pipeline_parallel", "hardware.data_parallel"})
        if (std::none_of(keys.begin(), keys.end(), [&](const auto& pair) { return pair.first == key; }))
            all.emplace_back(key, "1");
    return all;
}

/// One replica's share of the requests.
void take_share(Scenario& scenario, std::int64_t replicas)
{
    if (replicas < 2)
        return;
    const auto share = [&](std::int64_t all) { return (all + replicas - 1) / replicas; };
    WorkloadChoice& workload = scenario.workload;
    if (workload.concurrent_requests)
        set_field(scenario, "workload.concurrent_requests", std::to_string(share(*workload.concurrent_requests)));
    if (workload.requests_per_second)
        *workload.requests_per_second /= static_cast<double>(replicas);
    if (workload.requests)
        workload.requests = share(*workload.requests);
    if (is_chosen(scenario, *field_named("inference.concurrent_sequences")))
        set_field(scenario, "inference.concurrent_sequences",
                  std::to_string(share(scenario.inference.concurrent_sequences)));
}

/// A key at each of the values, or as the scenario has it.
std::vector<std::optional<std::string>> values_or_own(const std::vector<std::string>& values)
{
    if (values.empty())
        return {std::nullopt};
    return {values.begin(), values.end()};
}

/// Goes through the lists, one inside the other.
class Combinations
{
public:
    explicit Combinations(const DeploymentRange& range) : range_(range) {}

    Outcome of_machine(const Question& question, const Machine& machine)
    {
        Question there = question;
        if (machine.accelerator.id != question.accelerator.id || !question.scenario.hardware.devices.empty()) {
            if (Outcome problem = set_gpus(there.scenario, machine.accelerator.id))
                return problem;
            there.accelerator = machine.accelerator;
        }
        there.scenario.hardware.expert_parallel = 1;
        if (Outcome problem = set_field(there.scenario, "hardware.count", std::to_string(machine.gpus)))
            return problem;
        if (const auto price = range_.prices.find(machine.accelerator.id); price != range_.prices.end()) {
            there.scenario.price = {};
            if (Outcome problem = set_field(there.scenario, "price", price->second))
                return problem;
        } else if (machine.accelerator.id != question.accelerator.id) {
            there.scenario.price.per_accelerator_hour.reset(); // of another accelerator
            there.scenario.price.per_hour.reset();
        }
        machine_ = &machine;
        for (const auto& engine : values_or_own(range_.engines))
            if (Outcome problem = of_engine(there, engine))
                return problem;
        return {};
    }

    std::vector<Candidate> take() && { return std::move(candidates_); }

private:
    Outcome of_engine(Question question, const std::optional<std::string>& name)
    {
        if (name)
            if (Outcome problem = set_field(question.scenario, "inference.engine", *name))
                return problem;
        const Engine* engine = find_engine(question.scenario.inference.engine);
        if (engine == nullptr)
            return Error{"candidates.engines", "there is no engine \"" + question.scenario.inference.engine + "\""};
        for (const LayoutKeys& layout : layouts_of(*engine, question))
            if (Outcome problem = of_layout(question, layout))
                return problem;
        return {};
    }

    std::vector<LayoutKeys> layouts_of(const Engine& engine, const Question& question) const
    {
        if (range_.all_layouts)
            return all_layouts(engine, question, machine_->gpus);
        if (range_.layouts.empty()) {
            const HardwareChoice& own = question.scenario.hardware;
            const bool as_asked = own.tensor_parallel * own.pipeline_parallel * own.data_parallel == machine_->gpus;
            if (as_asked)
                return {keys_of(own.tensor_parallel, own.pipeline_parallel, own.data_parallel, 1)};
            return {engine.splits_layers ? keys_of(1, machine_->gpus, 1, 1) : keys_of(machine_->gpus, 1, 1, 1)};
        }
        std::vector<LayoutKeys> fitting;
        for (const LayoutKeys& keys : range_.layouts)
            if (gpus_of(keys) == machine_->gpus)
                fitting.push_back(completed(keys));
        return fitting;
    }

    Outcome of_layout(Question question, const LayoutKeys& layout)
    {
        for (const auto& [key, value] : layout)
            if (Outcome problem = set_field(question.scenario, key, value))
                return problem;
        for (const auto& weights : values_or_own(range_.weights))
            for (const auto& cache : values_or_own(range_.kv_cache)) {
                Question one = question;
                for (const auto& [key, value] :
                     {std::pair("precision.weights", weights), {"precision.kv_cache", cache}})
                    if (value)
                        if (Outcome problem = set_field(one.scenario, key, *value))
                            return problem;
                for (const std::int64_t replicas : range_.replicas) {
                    candidates_.push_back({one, machine_->system, replicas});
                    take_share(candidates_.back().question.scenario, replicas);
                }
            }
        return {};
    }

    const DeploymentRange& range_;
    const Machine* machine_ = nullptr;
    std::vector<Candidate> candidates_;
};

} // namespace

Result<std::vector<Candidate>> candidates_of(const Question& question, const DeploymentRange& range)
{
    const auto machines = machines_of(question, range);
    if (!machines)
        return machines.error();
    Combinations combinations(range);
    for (const Machine& machine : *machines)
        if (Outcome problem = combinations.of_machine(question, machine))
            return *problem;
    return std::move(combinations).take();
}

} // namespace weighbridge
