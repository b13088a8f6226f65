#pragma once

#include "core/engines/engine.h"
#include "core/engines/llamacpp/terms.h"

#include <vector>

namespace weighbridge {

/// llama.cpp's plan, and that of engines that start it: they say which run a load is.
class LlamaCppPlan : public Plan
{
public:
    using RunOf = LlamaCppRun (*)(const InferenceInputs&);

    explicit LlamaCppPlan(InferenceInputs load, RunOf run_of);

    DeviceLoad fullest(std::int64_t sequences) const override;
    std::vector<Term> terms(bool text) const override;
    std::vector<PlannedDevice> devices(bool text) const override;
    std::vector<Term> host(bool text) const override { return llama_cpp_host_terms(layout_, text); }
    std::vector<EnginePrint> prints() const override { return prints_of(layout_.printed, layout_.largest_compute); }

    /// All cells are taken when it starts; as many as were asked for.
    std::optional<Pool> pool() const override;
    double cache_of_one() const override;
    std::vector<Issue> issues() const override;
    void fill_defaults(Scenario& scenario) const override;

protected:
    const LlamaCppLayout& layout() const { return layout_; }
    const LlamaCppRun& run() const { return layout_.run; }

    /// Whether the cells were asked for, so that more of them are not taken for another load.
    virtual bool has_own_context(const InferenceInputs& load) const;
    /// Whether the cells hold the load.
    virtual bool holds(const LlamaCppRun& run, const InferenceInputs& load) const;
    /// Bytes that may be used of a device, by its place among those of the run.
    virtual double usable_of(const InferenceInputs& load, const LlamaCppRun& run, std::size_t gpu) const;
    /// What is odd about a run, whoever asked for it.
    std::vector<Issue> run_issues() const;

private:
    std::vector<EnginePrint> prints_of(const DeviceBytes& device, double compute) const;
    std::vector<DeviceLoad> loads(const InferenceInputs& load, const LlamaCppLayout& layout) const;

    RunOf run_of_;
    LlamaCppLayout layout_;
};

} // namespace weighbridge
