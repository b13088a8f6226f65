#include "core/speed/serving_speed.h"

#include "core/quantity/display.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

namespace {

// Shares of a prediction between which 9 of 10 measurements lay, of architectures that the fit had not seen
// (docs/speed.md).
constexpr FigureRange per_token_range{0.64, 1.39};
constexpr FigureRange first_token_range{0.35, 6.5};
constexpr FigureRange end_to_end_range{0.74, 1.73};
constexpr FigureRange throughput_range{0.56, 1.45};
/// A prompt's own time was measured only together with waiting: between those of a token and of the first one.
constexpr FigureRange prefill_range{0.4, 2.2};

/// How much wider a range is for what few runs or none are like.
constexpr double width_assumed = 1.5;
constexpr double width_unusual = 1.25;
constexpr double long_prompt = 16'384;

ComputeType chosen_compute(std::string_view name)
{
    if (name == "fp8")
        return ComputeType::fp8;
    if (name == "nvfp4")
        return ComputeType::fp4;
    return name == "fp16" ? ComputeType::fp16 : ComputeType::bf16;
}

bool is_16_bit(ComputeType type)
{
    return type == ComputeType::bf16 || type == ComputeType::fp16 || type == ComputeType::fp32;
}

/// What the device runs a type at.
ComputeType run_as(const Accelerator& accelerator, ComputeType type)
{
    const auto peak = peak_rate(accelerator, type);
    return peak ? peak->type : ComputeType::bf16;
}

bool in_blocks(const InferenceInputs& load)
{
    if (load.weights.id != checkpoint_format)
        return load.weights.id.find("block") != std::string::npos;
    const auto& published = load.model->published;
    return published && published->label.find("blocks") != std::string::npos;
}

/// Bytes per second and direction of the link of one GPU.
double link_bytes(const InferenceInputs& load, bool& fast)
{
    const LinkChoice& links = load.hardware->links;
    const auto both = links.scale_up_gbs_bidirectional ? links.scale_up_gbs_bidirectional
                                                       : load.accelerator->scale_up_gbs_bidirectional;
    fast = both && *both > 0;
    if (fast)
        return *both / 2 * 1e9;
    return links.pcie_gbs ? *links.pcie_gbs * 1e9 : common_pace.pcie_bytes;
}

/// Steps that a first token is held back: by tokens that are sent together, by looks for new requests, by ranks that
/// wait for each other. vLLM sends the first token at once.
double held_steps(const EnginePace& engine, const PaceChoice& pace)
{
    const double together = static_cast<double>(pace.stream_interval.value_or(1) - 1);
    return together * engine.stream_hold + static_cast<double>(pace.scheduler_recv_interval.value_or(0)) / 2 +
           static_cast<double>(pace.attention_dp_timeout_iters.value_or(0)) * common_pace.dp_wait;
}

double budget_of(const EnginePace& engine, const SpeedQuestion& question)
{
    constexpr double endless = 1e6;
    const auto given = engine.token_budget != nullptr ? engine.token_budget(*question.choice) : std::nullopt;
    double budget = given && *given > 0 ? static_cast<double>(*given) : endless;
    if (engine.whole_prompts)
        budget = std::max(budget, question.requests.unread());
    return budget;
}

double limit_of(const EnginePace& engine, const SpeedQuestion& question)
{
    constexpr double endless = 1e9;
    const auto given = engine.running_limit != nullptr ? engine.running_limit(*question.choice) : std::nullopt;
    if (!given || *given <= 0)
        return endless;
    const double shared = engine.shares_limit && !question.prefill ? question.layout.data : 1;
    return std::max(1.0, static_cast<double>(*given) / shared);
}

class ServingSpeed
{
public:
    ServingSpeed(const SpeedQuestion& question, const EnginePace& engine, const DevicePace& device, bool assumed)
        : question_(question), engine_(engine), assumed_(assumed), attention_(attention_format(question)),
          network_(network_work(*question.load->model, question.load->weights, attention_ ? &*attention_ : nullptr)),
          rates_(rates(device)), steps_(step_time(question.layout)),
          prefill_steps_(step_time(question.prefill ? question.prefill->layout : question.layout))
    {
        speed_.constants = {engine.id, device.id, pace_date, engine.records};
    }

    Speed answer()
    {
        const Server server = this->server();
        const RequestTimes times = request_times(server, question_.requests);
        take_steps(times);
        take_figures(times);
        speed_.running_requests = std::round(times.running);
        speed_.waiting_requests = std::round(times.waiting);
        speed_.gpus = question_.gpus;
        speed_.bound = largest_of(speed_.terms);
        return std::move(speed_);
    }

private:
    static std::optional<NumberFormat> attention_format(const SpeedQuestion& question)
    {
        const auto& id = question.precision->attention_weights;
        if (!id)
            return std::nullopt;
        auto format = find_format(*id, FormatUse::weights);
        return format ? std::optional(std::move(*format)) : std::nullopt;
    }

    StepRates rates(const DevicePace& device) const
    {
        bool fast = false;
        const double link = link_bytes(*question_.load, fast);
        return {*question_.load->accelerator,
                engine_,
                device,
                products_of(question_, attention_ ? &*attention_ : nullptr),
                link,
                fast};
    }

    StepTime step_time(const WorkerLayout& layout) const
    {
        return {network_, layout, rates_, question_.load->kv_k.bits / 8, question_.load->kv_v.bits / 8};
    }

    Server server() const
    {
        return {.steps = &steps_,
                .engine = &engine_,
                .rates = &rates_,
                .workers = question_.workers,
                .prefill = question_.prefill,
                .prefill_steps = &prefill_steps_,
                .budget = budget_of(engine_, question_),
                .running_limit = limit_of(engine_, question_),
                .capacity = question_.capacity,
                .held_steps = held_steps(engine_, question_.choice->pace),
                .gpus = static_cast<double>(question_.gpus)};
    }

    void take_steps(const RequestTimes& times)
    {
        speed_.terms = steps_.terms(times.step, times.step_times, times.step_sequences);
        const StepTime& readers = times.prompt_apart ? prefill_steps_ : steps_;
        const double beside = times.prompt_step.decoding > 0 ? times.step_sequences : 0;
        speed_.prefill_terms = readers.terms(times.prompt_step, times.prompt_steps, beside);
    }

    double width() const
    {
        double width = assumed_ ? width_assumed : 1;
        if (question_.requests.prompt > long_prompt)
            width *= width_unusual;
        if (question_.layout.data > 1)
            width *= width_unusual;
        if (question_.prefill)
            width *= width_unusual;
        return width;
    }

    SpeedFigure figure(double value, const FigureRange& range) const
    {
        return figure_of(value, range, width(), assumed_ ? Basis::assumed : Basis::calibrated);
    }

    void take_figures(const RequestTimes& times)
    {
        const RequestLoad& load = question_.requests;
        speed_.decode_step_seconds = figure(times.decode_step, per_token_range);
        if (load.prompt > load.cached)
            speed_.prefill_tokens_per_second = figure((load.prompt - load.cached) / times.prefill, prefill_range);
        if (times.first_token)
            speed_.time_to_first_token_seconds = figure(*times.first_token, first_token_range);
        if (times.per_token) {
            speed_.time_per_output_token_seconds = figure(*times.per_token, per_token_range);
            speed_.decode_tokens_per_second = figure(1 / *times.per_token, per_token_range.inverse());
        }
        if (times.end_to_end)
            speed_.end_to_end_seconds = figure(*times.end_to_end, end_to_end_range);
        if (times.output_per_second) {
            speed_.output_tokens_per_second = figure(*times.output_per_second, throughput_range);
            speed_.output_tokens_per_second_per_gpu =
                figure(*times.output_per_second / static_cast<double>(question_.gpus), throughput_range);
            speed_.requests_per_second = figure(*times.output_per_second / load.answer, throughput_range);
        }
    }

    const SpeedQuestion& question_;
    const EnginePace& engine_;
    bool assumed_;
    std::optional<NumberFormat> attention_;
    NetworkWork network_;
    StepRates rates_;
    StepTime steps_;
    StepTime prefill_steps_;
    Speed speed_;
};

} // namespace

SpeedFigure figure_of(double value, const FigureRange& range, double width, Basis basis)
{
    return {value, value * std::pow(range.low, width), value * std::pow(range.high, width), basis};
}

StepRates::Products products_of(const SpeedQuestion& question, const NumberFormat* attention)
{
    const InferenceInputs& load = *question.load;
    const Accelerator& accelerator = *load.accelerator;
    const auto& chosen = question.precision->compute;
    const NumberFormat& of_attention = attention != nullptr ? *attention : load.weights;
    const bool attention_16 = of_attention.bits >= 16 || of_attention.experts_only;
    StepRates::Products products;
    products.network = run_as(accelerator, chosen ? chosen_compute(*chosen) : load.weights.compute);
    products.attention = attention_16 || is_16_bit(products.network) ? ComputeType::bf16 : products.network;
    products.network_narrow = load.weights.bits < 16 && is_16_bit(products.network);
    products.attention_narrow = !attention_16 && is_16_bit(products.attention);
    products.in_blocks = in_blocks(load);
    products.head_narrow = load.weights.takes_all_tensors && load.weights.bits < 16;
    products.narrow_activations = !is_16_bit(products.network);
    return products;
}

Speed serving_speed(const SpeedQuestion& question)
{
    const Accelerator* accelerator = question.load->accelerator;
    const std::string_view engine_id = question.choice->engine;
    if (accelerator == nullptr)
        return unknown_speed("there is no accelerator");
    if (accelerator->bandwidth_gbs <= 0)
        return unknown_speed("the memory bandwidth of " + accelerator->name + " is not known");
    if (!peak_rate(*accelerator, ComputeType::bf16))
        return unknown_speed("no 16-bit peak of " + accelerator->name + " is known");
    bool assumed = false;
    const EnginePace* engine =
        engine_pace(engine_id, question.choice->engine_version, *accelerator, question.prefill.has_value(), assumed);
    if (engine == nullptr)
        return unknown_speed("no run of engine \"" + std::string(engine_id) + "\" was measured");
    const DevicePace* device = device_pace(*accelerator, assumed);
    if (device == nullptr)
        return unknown_speed("no run of a server on " + accelerator->name + " or its like was measured");
    return ServingSpeed(question, *engine, *device, assumed).answer();
}

} // namespace weighbridge
