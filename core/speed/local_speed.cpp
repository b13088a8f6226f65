#include "core/speed/local_speed.h"

#include "core/speed/local_pace.h"
#include "core/speed/stream_work.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {

namespace {

// Shares of a prediction between which 9 of 10 measurements lie of settings that the fit had not seen.
constexpr FigureRange dense_decode_range{0.72, 1.35};
constexpr FigureRange experts_decode_range{0.64, 1.5};
constexpr FigureRange dense_prefill_range{0.45, 1.8};
constexpr FigureRange experts_prefill_range{0.38, 2.0};
constexpr double width_local_assumed = 1.5;

constexpr int local_records = 745;

/// The format's id; of a file, the type that its maker names.
std::string type_of(const InferenceInputs& load)
{
    const auto& published = load.model->published;
    constexpr std::string_view gguf = "GGUF ";
    if (load.weights.id == checkpoint_format && published && published->label.starts_with(gguf))
        return "gguf:" + published->label.substr(gguf.size());
    return load.weights.id;
}

/// Bytes of all weights but those of towers, as stored.
double stored_bytes(const InferenceInputs& load, std::int64_t& parameters)
{
    double bytes = 0;
    parameters = 0;
    for (const Tensor& tensor : load.model->tensors)
        if (tensor.part != Part::vision) {
            parameters += tensor.elements();
            bytes += static_cast<double>(tensor.elements()) * bytes_per_element(load.weights, tensor);
        }
    return bytes;
}

Traced number(std::string_view symbol, double value)
{
    return named<Traced>(symbol, value);
}

class LocalSpeed
{
public:
    explicit LocalSpeed(const SpeedQuestion& question)
        : question_(question), load_(*question.load), pace_(local_pace(setup())),
          work_(stream_work(network_work(*load_.model, load_.weights), load_.kv_k.bits / 8, load_.kv_v.bits / 8))
    {
        std::int64_t parameters = 0;
        const double stored = stored_bytes(load_, parameters);
        const double all = static_cast<double>(question.precision->file_bytes.value_or(std::llround(stored)));
        each_ = parameters > 0 ? all / static_cast<double>(parameters) : 0;
        cards_ = static_cast<double>(load_.tensor_parallel * load_.pipeline_parallel);
        together_ = load_.tensor_parallel > 1;
    }

    Speed answer()
    {
        if (bandwidth() <= 0)
            return unknown_speed(pace_.vendor == "cpu"
                                     ? "on a CPU it takes hardware.host.memory_bandwidth_gbs"
                                     : "the memory bandwidth of " + load_.accelerator->name + " is not known");
        const RequestLoad& requests = question_.requests;
        speed_.gpus = question_.gpus;
        speed_.running_requests = 1;
        speed_.waiting_requests = std::max(0.0, requests.concurrent - 1);
        take_decode(requests.context());
        const double step = sum_of(speed_.terms);
        const FigureRange& range = has_experts() ? experts_decode_range : dense_decode_range;
        speed_.bound = largest_of(speed_.terms);
        speed_.decode_step_seconds = figure(step, range, pace_.measured);
        speed_.time_per_output_token_seconds = speed_.decode_step_seconds;
        speed_.decode_tokens_per_second = figure(1 / step, range.inverse(), pace_.measured);
        take_request(step);
        speed_.constants = {pace_.backend, class_name(), pace_date, local_records};
        return std::move(speed_);
    }

private:
    LocalSetup setup() const
    {
        const InferenceChoice& choice = *question_.choice;
        return {.accelerator = load_.accelerator,
                .engine = choice.engine,
                .backend = choice.pace.backend ? std::string_view(*choice.pace.backend) : std::string_view(),
                .version = choice.engine_version,
                .weights = type_of(load_)};
    }

    /// Of a string that outlives the answer.
    std::string_view class_name() const
    {
        static constexpr std::array<std::string_view, 18> names = {
            "cpu",       "nv_pascal", "nv_volta", "nv_turing",    "nv_a100",   "nv_ampere",
            "nv_ada",    "nv_hopper", "nv_gb10",  "nv_blackwell", "amd_rdna3", "amd_rdna4",
            "amd_strix", "intel_arc", "apple_m5", "apple_ultra",  "apple_max", "apple_base"};
        const auto* const found = std::find(names.begin(), names.end(), pace_.device_class);
        return found == names.end() ? std::string_view("other") : *found;
    }

    bool has_experts() const { return work_.expert_share > 0; }

    /// Bytes per second of all cards that work at a time.
    double bandwidth() const
    {
        const auto& host = load_.hardware->host.memory_bandwidth_gbs;
        const bool own = pace_.vendor == "cpu" && load_.accelerator->id != "custom";
        const double one = own ? host.value_or(0) : load_.accelerator->bandwidth_gbs;
        return one * 1e9 * (together_ ? cards_ : 1);
    }

    bool flash() const
    {
        const bool differs = pace_.backend == "CUDA" || pace_.backend == "ROCm" || pace_.backend == "Vulkan";
        return !differs || question_.choice->llama_cpp.flash_attn.value_or(true);
    }

    bool by_rows() const { return question_.choice->llama_cpp.split_mode == "row"; }

    double weights_rate() const
    {
        double rate = pace_.decode * bandwidth();
        const auto& threads = question_.choice->pace.threads;
        if (pace_.thread_bytes > 0 && threads)
            rate = std::min(rate, static_cast<double>(*threads) * pace_.thread_bytes);
        return rate;
    }

    /// Layers whose weights, or whose experts, lie in the host's memory.
    double layers_on_host() const
    {
        if (pace_.vendor == "cpu")
            return 0;
        const LlamaCppOptions& options = question_.choice->llama_cpp;
        const auto& on_device = options.n_gpu_layers;
        return on_device && *on_device >= 0 ? std::max(0.0, work_.layers - static_cast<double>(*on_device)) : 0;
    }
    double experts_on_host() const
    {
        return pace_.vendor == "cpu"
                   ? 0
                   : std::min(work_.layers, static_cast<double>(question_.choice->llama_cpp.n_cpu_moe.value_or(0)));
    }

    /// Of the bytes that a token reads, those in the host's memory.
    double host_bytes() const
    {
        const double layers = layers_on_host();
        const double whole = (work_.parameters - work_.head) * each_ * layers / work_.layers;
        const double experts = work_.used_experts * each_ * std::max(0.0, experts_on_host() - layers) / work_.layers;
        return whole + experts;
    }

    bool leaves_some() const { return host_bytes() > 0; }

    void take_decode(double depth)
    {
        std::vector<SpeedTerm>& terms = speed_.terms;
        const double on_host = host_bytes();
        add_term(terms, "weights", "Reading weights",
                 number("bytes", work_.parameters * each_ - on_host) / number("W", weights_rate()));
        const double seen = work_.window > 0 ? std::min(depth, work_.window) : depth;
        const double share = flash() ? pace_.costs.cache : pace_.costs.cache_plain;
        add_term(terms, "cache", "Reading the cache",
                 (number("depth", depth) * number("B_full", work_.full_bytes) +
                  number("seen", seen) * number("B_window", work_.window_bytes) + number("state", work_.state_bytes)) /
                     number("W_kv", share * bandwidth()));
        double layer = pace_.costs.layer_us + (has_experts() ? pace_.costs.experts_us : 0) +
                       (work_.recurrent ? pace_.costs.recurrent_us : 0);
        add_term(terms, "kernels", "Kernels of layers", number("L", work_.layers) * number("t_layer", layer * 1e-6));
        take_links(terms);
        take_host(terms, on_host);
    }

    void take_links(std::vector<SpeedTerm>& terms) const
    {
        if (cards_ <= 1)
            return;
        const double reduce = (by_rows() ? local_common.row_split_us : local_common.allreduce_us) * 1e-6;
        add_term(terms, "links", "Links between GPUs",
                 together_ ? number("2·L", 2 * work_.layers) * number("t_reduce", reduce)
                           : number("hops", cards_ - 1) * number("t_hop", hop_seconds(pace_.vendor)));
    }

    void take_host(std::vector<SpeedTerm>& terms, double bytes) const
    {
        if (bytes <= 0)
            return;
        const auto& known = load_.hardware->host.memory_bandwidth_gbs;
        const double rate = local_common.host_share * (known ? *known * 1e9 : local_common.host_bandwidth);
        add_term(terms, "host", "Weights in host memory",
                 number("bytes_host", bytes) / number("W_host", rate) +
                     number("L_host", std::max(layers_on_host(), experts_on_host())) *
                         number("t_sync", local_common.host_layer_us * 1e-6));
    }

    /// (query, key) pairs of a prompt behind so many tokens; with a window each query meets at most so many keys.
    static double pairs(double tokens, double before, double window)
    {
        if (window <= 0)
            return tokens * before + tokens * (tokens + 1) / 2;
        if (before >= window)
            return tokens * window;
        const double grow = std::max(0.0, std::min(tokens, window - before));
        return grow * before + grow * (grow + 1) / 2 + (tokens - grow) * window;
    }

    double micro_batch() const
    {
        constexpr double usual = 512;
        constexpr double usual_large = 2048;
        const bool large = pace_.backend == "MLX" || pace_.backend == "ExLlama";
        return large ? usual_large
                     : static_cast<double>(
                           question_.choice->llama_cpp.n_ubatch.value_or(static_cast<std::int64_t>(usual)));
    }

    /// Of reading the uncached tokens of a prompt; false where there is no peak.
    bool take_prompt(double tokens, double before)
    {
        const double peak = prompt_peak(*load_.accelerator, pace_);
        if (peak <= 0 || pace_.prefill <= 0)
            return false;
        const double batch = std::min(tokens, micro_batch());
        const double steps = std::ceil(tokens / batch);
        const double use = pace_.prefill * (has_experts() ? pace_.costs.prefill_experts : 1);
        const double hit = has_experts() ? 1 - std::pow(1 - work_.expert_share, batch) : 1;
        const double reach = flash() ? pace_.costs.attention : pace_.costs.attention_plain;
        const double split = prompt_split(steps);
        std::vector<SpeedTerm>& terms = speed_.prefill_terms;
        const Traced shared = number("split", split);
        add_term(terms, "products", "Matrix products",
                 shared * number("2·P·n", 2 * std::max(1.0, work_.parameters - work_.head) * tokens) /
                     number("F", use * peak));
        add_term(
            terms, "attention", "Attention products",
            shared *
                (number("a_full", work_.full_pair) * number("pairs", pairs(tokens, before, 0)) +
                 number("a_window", work_.window_pair) * number("pairs_near", pairs(tokens, before, work_.window))) /
                number("F_a", reach * peak));
        add_term(terms, "weights", "Reading weights",
                 shared * number("steps", steps) * number("bytes", hit * work_.all_parameters * each_) /
                     number("W", local_common.weights_in_prefill * load_.accelerator->bandwidth_gbs * 1e9));
        add_term(terms, "kernels", "Kernels of layers",
                 shared * number("steps", steps) * number("L", work_.layers) *
                     number("t_layer", pace_.costs.prefill_layer_us * 1e-6));
        if (together_) {
            const double rate = by_rows() ? local_common.row_exchange : local_common.tensor_exchange;
            add_term(terms, "links", "Links between GPUs",
                     number("8·L·n·h",
                            8 * work_.layers * tokens * static_cast<double>(load_.model->architecture.hidden_size)) *
                         number("share", (cards_ - 1) / cards_) / number("G", rate));
        }
        return true;
    }

    /// Cards that share each layer do so many times as much; of cards in a row CUDA's work on several micro batches.
    double prompt_split(double steps) const
    {
        if (cards_ <= 1)
            return 1;
        if (together_)
            return 1 / cards_;
        return pace_.backend == "CUDA" ? (steps + cards_ - 1) / (steps * cards_) : 1;
    }

    void take_request(double step)
    {
        const RequestLoad& requests = question_.requests;
        const double unread = requests.prompt - requests.cached;
        const bool reads = unread > 0;
        if (reads && !take_prompt(unread, requests.cached)) {
            speed_.issues.push_back({"speed", Severity::warning,
                                     "how fast prompts are read on " + load_.accelerator->name +
                                         " is not known: there is no peak to hold it against"});
            return;
        }
        if (reads && leaves_some()) {
            speed_.prefill_terms.clear();
            speed_.issues.push_back(
                {"speed", Severity::warning, "how fast prompts are read with weights in host memory is not known"});
            return;
        }
        const double prompt = sum_of(speed_.prefill_terms);
        const FigureRange& range = has_experts() ? experts_prefill_range : dense_prefill_range;
        const bool measured = pace_.prefill_measured;
        const double first = reads ? prompt : step;
        if (reads)
            speed_.prefill_tokens_per_second = figure(unread / prompt, range.inverse(), measured);
        speed_.time_to_first_token_seconds = reads ? figure(first, range, measured) : speed_.decode_step_seconds;
        const double whole = first + (requests.answer - 1) * step;
        const double one = requests.answer / whole;
        speed_.end_to_end_seconds = figure(whole, range, measured && pace_.measured);
        speed_.output_tokens_per_second = figure(one, range.inverse(), measured && pace_.measured);
        speed_.output_tokens_per_second_per_gpu =
            figure(one / static_cast<double>(question_.gpus), range.inverse(), measured && pace_.measured);
        speed_.requests_per_second = figure(1 / whole, range.inverse(), measured && pace_.measured);
    }

    SpeedFigure figure(double value, const FigureRange& range, bool measured) const
    {
        const bool assumed = !measured || leaves_some();
        return figure_of(value, range, assumed ? width_local_assumed : 1, assumed ? Basis::assumed : Basis::calibrated);
    }

    const SpeedQuestion& question_;
    const InferenceInputs& load_;
    LocalPace pace_;
    StreamWork work_;
    double each_ = 0; ///< bytes of a parameter, mean
    double cards_ = 1;
    bool together_ = false; ///< cards share each layer
    Speed speed_;
};

} // namespace

Speed local_speed(const SpeedQuestion& question)
{
    return LocalSpeed(question).answer();
}

} // namespace weighbridge
