#include "core/training/training_speed.h"

#include "core/speed/serving_speed.h"
#include "core/speed/stream_work.h"
#include "core/training/flops.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace weighbridge {

namespace {

// Least squares on the logarithm of the time (Huber loss, weak priors) over 436 public runs of 26 models: tables of
// Megatron-Bridge, LLM Foundry, torchtitan, NeMo Automodel, MaxText, torchtune, fms-fsdp and TRL (docs/speed.md). Peaks
// are those of one device of the catalogue, of TPU v7x half a chip.

/// What a framework is counted with.
struct FrameworkPace
{
    std::string_view framework;
    std::string_view family;
    bool measured = true; ///< itself, not one like it
};

constexpr std::array<FrameworkPace, 13> framework_families = {{{"megatron", "megatron"},
                                                               {"llm_foundry", "fsdp"},
                                                               {"torchtitan", "fsdp_compiled"},
                                                               {"torchtitan_2024", "fsdp_compiled"},
                                                               {"fms_fsdp", "fsdp_compiled"},
                                                               {"automodel", "automodel"},
                                                               {"hf_trainer", "hf"},
                                                               {"trl", "hf"},
                                                               {"axolotl", "hf", false},
                                                               {"llama_factory", "hf", false},
                                                               {"ms_swift", "hf", false},
                                                               {"torchtune", "torchtune"},
                                                               {"maxtext", "maxtext"}}};

/// Share of the peak that the products of a very wide network reach.
struct PeakShare
{
    std::string_view family;
    std::string_view device;
    double share = 0;
};

constexpr std::array<PeakShare, 12> peak_shares = {{{"automodel", "hopper", 0.49},
                                                    {"fsdp", "a100", 0.73},
                                                    {"fsdp", "hopper", 0.51},
                                                    {"fsdp_compiled", "a100", 0.71},
                                                    {"fsdp_compiled", "hopper", 0.45},
                                                    {"hf", "a100", 0.65},
                                                    {"maxtext", "tpu", 0.74},
                                                    {"megatron", "blackwell", 0.81},
                                                    {"megatron", "hopper", 0.76},
                                                    {"megatron", "mi3", 0.74},
                                                    {"torchtune", "a100", 0.68},
                                                    {"torchtune", "rtx", 0.78}}};
constexpr double other_share = 0.45;

/// How much faster than BF16 products are in a narrower type.
struct PrecisionGain
{
    std::string_view device;
    std::string_view recipe;
    double gain = 1;
};

constexpr std::array<PrecisionGain, 5> precision_gains = {{{"blackwell", "fp8_mixed", 1.41},
                                                           {"blackwell", "mxfp8_mixed", 1.35},
                                                           {"blackwell", "nvfp4_mixed", 2.06},
                                                           {"hopper", "fp8_mixed", 1.3},
                                                           {"tpu", "fp8_mixed", 1.57}}};
constexpr double other_gain_8 = 1.35;
constexpr double other_gain_4 = 1.8;

struct TrainingPace
{
    double half_width = 496;    ///< hidden size at which a dense network reaches half its share
    double half_active = 1.6e8; ///< the same of networks with experts, in active parameters of a layer
    double experts_gain = 0.58; ///< part of the precision's gain that such networks keep
    double attention = 0.56;    ///< speed of attention, of that of the products
    double tensor_cost = 0.042; ///< each doubling
    double context_cost = 0.05;
    double scale_cost = 0.0085;
    double month_dense = 0.017; ///< Megatron, each month after February 2026
    double month_experts = 0.029;
    double rack = 1.39; ///< of networks with experts inside a rack of 72
    double lora = 0.87;
    double qlora = 0.95;
    double fused_kernels = 1.2;
    double recurrent = 0.76;
    double selective = 0.15; ///< of a forward pass, computed again
};
constexpr TrainingPace pace{};

constexpr FigureRange dense_training_range{0.68, 1.42};
constexpr FigureRange experts_training_range{0.45, 1.8};
constexpr double width_assumed_training = 1.5;
constexpr int training_records = 436;

std::string_view device_of(const Accelerator& accelerator)
{
    const auto of_family = [&](std::string_view word) { return accelerator.family.find(word) != std::string::npos; };
    if (of_family("GA100"))
        return "a100";
    if (of_family("Hopper"))
        return "hopper";
    if (accelerator.platform == "tpu")
        return "tpu";
    if (accelerator.vendor == "NVIDIA" && accelerator.segment == "datacenter" && of_family("Blackwell"))
        return "blackwell";
    if (of_family("CDNA3") || of_family("CDNA4"))
        return "mi3";
    return accelerator.platform == "cuda" ? "rtx" : "other";
}

/// What a network with experts reaches beside a dense one.
double experts_share(std::string_view family)
{
    if (family == "megatron")
        return 0.59;
    if (family == "maxtext")
        return 0.85;
    return family == "automodel" || family == "fsdp_compiled" ? 1 : 0.75;
}

/// Months from February 2026 to the day of the framework's version; the last tables are of August 2026.
double months_of(std::string_view version)
{
    constexpr int last = 6;
    if (!version.starts_with("20") || version.size() < 4)
        return last;
    int year = 0;
    int month = last;
    std::from_chars(version.data(), version.data() + 4, year);
    if (version.size() >= 7)
        std::from_chars(version.data() + 5, version.data() + 7, month);
    return std::clamp((year - 2026) * 12 + month - 2, 0, last);
}

double doublings(std::int64_t ranks)
{
    return std::log2(static_cast<double>(std::max<std::int64_t>(1, ranks)));
}

Speed unknown_step(const std::string& why)
{
    Speed speed = unknown_speed(why);
    speed.training = true;
    return speed;
}

class TrainingSpeed
{
public:
    TrainingSpeed(const TrainingInputs& inputs, std::int64_t gpus)
        : in_(inputs), gpus_(gpus), device_(device_of(*inputs.accelerator)),
          work_(stream_work(network_work(*inputs.model, inputs.base), 2, 2))
    {
        speed_.training = true;
        for (const FrameworkPace& row : framework_families)
            if (row.framework == in_.framework->id) {
                family_ = row.family;
                assumed_ = !row.measured;
            }
        assumed_ = assumed_ || family_.empty();
    }

    Speed answer()
    {
        const auto peak = in_.accelerator->tflops.bf16;
        if (!peak || *peak <= 0)
            return unknown_step("no dense BF16 peak of " + in_.accelerator->name + " is known");
        if (in_.generated_sequences > 0 || in_.references > 0)
            return unknown_step("steps that generate or compare with a reference network were not measured");
        take_times(*peak * 1e12);
        return std::move(speed_);
    }

private:
    bool has_experts() const { return work_.expert_share > 0; }

    double share()
    {
        double share = other_share;
        bool found = false;
        for (const PeakShare& row : peak_shares)
            if (row.family == family_ && row.device == device_) {
                share = row.share;
                found = true;
            }
        assumed_ = assumed_ || !found;
        const double width =
            has_experts() ? work_.parameters / work_.layers : static_cast<double>(in_.model->architecture.hidden_size);
        const double half = has_experts() ? pace.half_active : pace.half_width;
        share *= width / (width + half) * method_factor();
        if (has_experts())
            share *= experts_share(family_) * (in_.accelerator->scale_up_domain >= rack_domain ? pace.rack : 1);
        if (family_ == "megatron")
            share *=
                1 + (has_experts() ? pace.month_experts : pace.month_dense) * months_of(in_.choice->framework_version);
        return share;
    }

    double method_factor() const
    {
        const std::string& method = in_.choice->method;
        double factor = method == "full" ? 1 : method == "qlora" ? pace.qlora : pace.lora;
        if (family_ == "hf" && in_.fused_kernels)
            factor *= pace.fused_kernels;
        return work_.recurrent ? factor * pace.recurrent : factor;
    }

    double gain() const
    {
        const std::string_view recipe = in_.recipe.id;
        double gain = recipe == "nvfp4_mixed" ? other_gain_4 : in_.recipe.fp8 ? other_gain_8 : 1;
        for (const PrecisionGain& row : precision_gains)
            if (row.device == device_ && row.recipe == recipe)
                gain = row.gain;
        return has_experts() ? 1 + (gain - 1) * pace.experts_gain : gain;
    }

    double recomputed() const
    {
        return in_.recompute.kind == Recompute::selective ? pace.selective : recomputed_share(in_);
    }

    /// Utilization as papers and frameworks print it counts every pair of a sequence, as if attention were not causal
    /// (PaLM, arXiv:2204.02311, appendix B: 6·P + 12·L·H·Q·T; LLM Foundry prints just this).
    double printed_attention() const
    {
        const auto length = static_cast<double>(in_.sequence_length);
        const double near = work_.window > 0 ? std::min(length, work_.window) : 0;
        return work_.full_pair * length + work_.window_pair * near;
    }

    void take_times(double peak)
    {
        const auto length = static_cast<double>(in_.sequence_length);
        const double products = 2 * work_.parameters;
        const double near = work_.window > 0 ? std::min(length / 2, work_.window) : 0;
        const double attention = work_.full_pair * length / 2 + work_.window_pair * near;
        const double passes = in_.frozen_base ? 2 : 3;
        const double rate = share() * peak;
        const double links = (1 + pace.tensor_cost * doublings(in_.hardware->tensor_parallel)) *
                             (1 + pace.context_cost * doublings(in_.hardware->context_parallel)) *
                             (1 + pace.scale_cost * doublings(gpus_));
        const double tokens = in_.sequences * static_cast<double>(in_.microbatches) *
                              static_cast<double>(in_.hardware->data_parallel) * length;
        const double each = tokens / static_cast<double>(gpus_);
        add("matmul", "Matrix products",
            number("n", each) * number("p", passes) * number("2·P", products) / number("F·G", rate * gain()));
        add("attention", "Attention products",
            number("n", each) * number("p", passes) * number("a", attention) / number("F_a", rate * pace.attention));
        add("recompute", "Computed again",
            number("n", each) * number("r", recomputed()) *
                (number("2·P", products) / number("F·G", rate * gain()) +
                 number("a", attention) / number("F_a", rate * pace.attention)));
        const double alone = sum_of(speed_.terms);
        add("links", "Links between GPUs", number("t", alone) * number("c", links - 1));
        const double step = sum_of(speed_.terms);
        take_figures(step, tokens, 3 * (products + printed_attention()) / peak);
    }

    static Traced number(std::string_view symbol, double value) { return named<Traced>(symbol, value); }

    void add(std::string_view id, std::string_view label, Traced seconds)
    {
        add_term(speed_.terms, id, label, std::move(seconds));
    }

    /// `model_seconds`: of a token at the peak, without recomputation.
    void take_figures(double step, double tokens, double model_seconds)
    {
        const FigureRange& rate = has_experts() ? experts_training_range : dense_training_range;
        const FigureRange time = rate.inverse();
        const auto figure = [&](double value, const FigureRange& range) {
            return figure_of(value, range, assumed_ ? width_assumed_training : 1,
                             assumed_ ? Basis::assumed : Basis::calibrated);
        };
        const double each = tokens / step / static_cast<double>(gpus_);
        speed_.train_step_seconds = figure(step, time);
        speed_.train_tokens_per_second = figure(tokens / step, rate);
        speed_.train_tokens_per_second_per_gpu = figure(each, rate);
        speed_.model_flops_utilization = figure(each * model_seconds, rate);
        speed_.gpus = gpus_;
        speed_.bound = largest_of(speed_.terms);
        speed_.constants = {family_.empty() ? std::string_view("other") : family_, device_, pace_date,
                            training_records};
    }

    static constexpr std::int64_t rack_domain = 72;

    const TrainingInputs& in_;
    std::int64_t gpus_;
    std::string_view device_;
    std::string_view family_;
    StreamWork work_;
    bool assumed_ = false;
    Speed speed_;
};

} // namespace

Speed training_speed(const TrainingInputs& inputs, std::int64_t gpus)
{
    if (inputs.accelerator == nullptr)
        return unknown_step("there is no accelerator");
    return TrainingSpeed(inputs, gpus).answer();
}

} // namespace weighbridge
