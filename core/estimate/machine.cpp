#include "core/estimate/machine.h"

#include "core/engines/inference.h"
#include "core/estimate/capacity.h"
#include "core/estimate/question.h"
#include "core/fields/fields.h"
#include "core/quantity/display.h"
#include "core/quantity/formula.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace weighbridge {

namespace {

Bytes bytes_of(double gib)
{
    return {std::llround(gib * bytes_per_gib)};
}

std::string key_of(std::size_t group, std::string_view name)
{
    return "hardware.devices[" + std::to_string(group) + "]." + std::string(name);
}

/// The machine while it is looked at.
class Machine
{
public:
    explicit Machine(Question& question) : question_(question), hardware_(question.scenario.hardware) {}

    std::vector<Issue> take()
    {
        check_contradictions();
        if (hardware_.devices.empty())
            take_alike();
        else if (issues_.empty())
            take_groups();
        if (issues_.empty())
            check_host();
        if (!issues_.empty())
            return std::move(issues_);
        if (is_auto())
            lay_out(at_hand());
        if (!devices_.empty())
            use_first(std::min(gpus_of_layout(), at_hand()));
        note_unread();
        return std::move(issues_);
    }

private:
    void refuse(std::string key, const std::string& what)
    {
        const std::string message = key + " " + what;
        issues_.push_back({std::move(key), Severity::error, message});
    }

    void check_contradictions()
    {
        if (hardware_.devices.empty())
            return;
        if (hardware_.count)
            refuse("hardware.count", "stands beside hardware.devices, where every group has a count of its own; only "
                                     "one of them may");
        if (hardware_.memory_in_use_gib)
            refuse("hardware.memory_in_use_gib",
                   "stands beside hardware.devices, where every group has one of its own; only one of them may");
    }

    double fraction_of(const Accelerator& accelerator) const { return usable_share(hardware_, accelerator); }

    /// So many as the layout takes, of one kind.
    void take_alike()
    {
        if (!hardware_.memory_in_use_gib)
            return;
        question_.memory_in_use = bytes_of(*hardware_.memory_in_use_gib);
        if (question_.memory_in_use > question_.accelerator.capacity)
            refuse_in_use("hardware.memory_in_use_gib", *hardware_.memory_in_use_gib, question_.accelerator);
    }

    void refuse_in_use(std::string key, double gib, const Accelerator& accelerator)
    {
        refuse(std::move(key), "is " + formula_number(gib) + "; " + accelerator.name + " has " +
                                   in_unit(accelerator.capacity, ByteUnit::gib) + " in all");
    }

    /// What a group without an accelerator of its own is of.
    Result<Accelerator> kind_of(const DeviceGroup& group) const
    {
        const std::string& id = group.accelerator.empty() ? hardware_.accelerator : group.accelerator;
        const std::optional<Accelerator>& custom = group.accelerator.empty() ? hardware_.custom : group.custom;
        if (id == "custom" && custom)
            return *custom;
        return Catalogue().find(id);
    }

    void take_groups()
    {
        for (std::size_t index = 0; index < hardware_.devices.size(); ++index) {
            const DeviceGroup& group = hardware_.devices[index];
            auto accelerator = kind_of(group);
            if (!accelerator)
                return refuse(key_of(index, "accelerator"), "is not known: " + accelerator.error().message);
            if (group.memory_gib) {
                accelerator->capacity = bytes_of(*group.memory_gib);
                accelerator->capacity_from_driver = true;
            }
            Device device{.accelerator = std::move(*accelerator), .in_use = {}, .usable_fraction = 1};
            const Bytes capacity = device.accelerator.capacity;
            if (capacity.count <= 0)
                return refuse(key_of(index, "memory_gib"), "must be above 0");
            device.in_use = bytes_of(group.memory_in_use_gib.value_or(0));
            if (device.in_use > capacity)
                return refuse_in_use(key_of(index, "memory_in_use_gib"), *group.memory_in_use_gib, device.accelerator);
            if (group.memory_free_gib) {
                device.in_use = {capacity.count - bytes_of(*group.memory_free_gib).count};
                if (device.in_use.count < 0)
                    return refuse_in_use(key_of(index, "memory_free_gib"), *group.memory_free_gib, device.accelerator);
            }
            device.usable_fraction = fraction_of(device.accelerator);
            devices_.insert(devices_.end(), static_cast<std::size_t>(group.count), device);
        }
    }

    bool shares_memory() const
    {
        return devices_.empty() ? question_.accelerator.unified_memory
                                : std::any_of(devices_.begin(), devices_.end(),
                                              [](const Device& device) { return device.accelerator.unified_memory; });
    }

    void check_host()
    {
        const HostChoice& host = hardware_.host;
        if (host.memory_gib && shares_memory())
            refuse("hardware.host.memory_gib", "stands beside memory that the GPU shares with the host: there is one "
                                               "pool, and the accelerator has it");
        if (host.memory_gib && host.memory_in_use_gib.value_or(0) > *host.memory_gib)
            refuse("hardware.host.memory_in_use_gib", "is " + formula_number(*host.memory_in_use_gib) +
                                                          "; hardware.host.memory_gib is " +
                                                          formula_number(*host.memory_gib));
    }

    std::int64_t at_hand() const
    {
        return devices_.empty() ? hardware_.count.value_or(1) : static_cast<std::int64_t>(devices_.size());
    }

    bool is_auto() const { return hardware_.layout ? *hardware_.layout == "auto" : !hardware_.devices.empty(); }

    /// Nobody said it: 1 in the scenario, and not by choice.
    bool is_open(std::string_view key) const { return !is_chosen(question_.scenario, *field_named(key)); }

    void lay_out(std::int64_t gpus)
    {
        if (question_.scenario.training() != nullptr) {
            const std::int64_t others =
                hardware_.tensor_parallel * hardware_.pipeline_parallel * hardware_.context_parallel;
            if (is_open("hardware.data_parallel"))
                hardware_.data_parallel = std::max<std::int64_t>(1, gpus / others);
            return;
        }
        const Engine* engine = find_engine(question_.scenario.inference.engine);
        if (engine == nullptr)
            return;
        const bool tensor = is_open("hardware.tensor_parallel");
        const bool stages = is_open("hardware.pipeline_parallel");
        const std::int64_t layers = std::max<std::int64_t>(1, question_.model->architecture.layers());
        // Replicas are counted by whoever knows how the engine makes them.
        const std::int64_t rest = std::max<std::int64_t>(1, gpus / replicas());
        if (engine->splits_layers) {
            if (stages)
                hardware_.pipeline_parallel = std::clamp<std::int64_t>(rest / hardware_.tensor_parallel, 1, layers);
            return;
        }
        if (tensor)
            hardware_.tensor_parallel = ranks_for(rest / hardware_.pipeline_parallel, stages && engine->pipelines);
        if (stages && engine->pipelines)
            hardware_.pipeline_parallel = std::clamp<std::int64_t>(rest / hardware_.tensor_parallel, 1, layers);
    }

    /// Tensor parallelism over all of them where the heads allow it, else over as many as divide them, the rest being
    /// stages: what vLLM's and SGLang's documents advise.
    std::int64_t ranks_for(std::int64_t gpus, bool stages) const
    {
        std::int64_t best = 1;
        for (const std::int64_t ranks : tensor_parallel_choices(question_.model->architecture))
            if (ranks <= gpus && (!stages || gpus % ranks == 0))
                best = ranks;
        return best;
    }

    /// GPUs that one tensor-parallel rank of one stage stands for.
    std::int64_t replicas() const
    {
        Scenario one = question_.scenario;
        one.hardware.tensor_parallel = one.hardware.pipeline_parallel = 1;
        auto load = inference_inputs(one, *question_.model, &question_.accelerator);
        return load ? std::max<std::int64_t>(1, plan_of(std::move(*load))->gpus()) : 1;
    }

    std::int64_t gpus_of_layout() const
    {
        const std::int64_t ranks = hardware_.tensor_parallel * hardware_.pipeline_parallel;
        return question_.scenario.training() != nullptr ? ranks * hardware_.data_parallel * hardware_.context_parallel
                                                        : ranks * replicas();
    }

    /// Engines that don't place layers by themselves take the smallest card as it is.
    void use_first(std::int64_t used)
    {
        question_.idle_devices = at_hand() - used;
        if (question_.idle_devices > 0)
            issues_.push_back(
                {"hardware.devices", Severity::warning,
                 "hardware.devices has " + grouped(at_hand()) + " GPUs, of which the layout uses " + grouped(used)});
        const auto end = devices_.begin() + used;
        const auto smallest = std::min_element(
            devices_.begin(), end, [](const Device& a, const Device& b) { return a.usable() < b.usable(); });
        question_.accelerator = smallest->accelerator;
        question_.memory_in_use = smallest->in_use;
        if (std::all_of(devices_.begin(), end, [&](const Device& device) { return device == *smallest; })) {
            question_.devices.clear();
            return;
        }
        warn_of_smallest(*smallest, used);
        question_.devices = std::move(devices_);
    }

    void warn_of_smallest(const Device& smallest, std::int64_t used)
    {
        const Engine* engine = find_engine(question_.scenario.inference.engine);
        const bool training = question_.scenario.training() != nullptr;
        if (!training && (engine == nullptr || engine->splits_layers))
            return;
        double unused = 0;
        for (std::int64_t index = 0; index < used; ++index)
            unused += devices_[static_cast<std::size_t>(index)].usable() - smallest.usable();
        issues_.push_back({"hardware.devices", Severity::warning,
                           (training ? "every rank of the training" : std::string(engine->name)) +
                               " takes the smallest GPU, " + smallest.accelerator.card_name() +
                               ", as the size of each: " + in_unit(whole_bytes(unused), ByteUnit::gib) +
                               " of the others stay unused"});
    }

    /// What is kept for later is said, never taken in silence.
    void note_unread()
    {
        for (const ScenarioField& field : scenario_fields()) {
            const bool unread = field.key == "hardware.links.scale_up_domain" ||
                                field.key == "hardware.links.network_gbs" || field.key == "hardware.host.cpu_threads";
            if (unread && is_chosen(question_.scenario, field))
                issues_.push_back({field.key, Severity::note, field.key + " is kept; no figure reads it yet"});
        }
    }

    Question& question_;
    HardwareChoice& hardware_;
    std::vector<Device> devices_;
    std::vector<Issue> issues_;
};

} // namespace

std::vector<Issue> take_machine(Question& question)
{
    question.devices.clear();
    question.memory_in_use = {};
    question.idle_devices = 0;
    return Machine(question).take();
}

} // namespace weighbridge
