#include "core/engines/ollama/ollama.h"

#include "core/engines/inference.h"
#include "core/engines/llamacpp/llamacpp.h"
#include "core/engines/llamacpp/llamacpp_plan.h"
#include "core/engines/ollama/estimate.h"
#include "core/engines/ollama/run.h"
#include "core/memory/overhead.h"
#include "core/quantity/display.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

namespace weighbridge {

namespace {

/// What `ollama ps` shows. Bytes.
struct ShownSize
{
    double all = 0;
    double on_gpus = 0;
};

/// cmd/cmd.go, ListRunning.
std::string processor_text(const ShownSize& size)
{
    if (size.on_gpus <= 0)
        return "100% CPU";
    if (size.on_gpus >= size.all)
        return "100% GPU";
    const auto cpu = std::llround((size.all - size.on_gpus) / size.all * 100);
    return std::to_string(cpu) + "%/" + std::to_string(100 - cpu) + "% CPU/GPU";
}

class OllamaPlan final : public LlamaCppPlan
{
public:
    /// `searched`: the placement of another load was kept.
    OllamaPlan(InferenceInputs placed, bool searched)
        : LlamaCppPlan(std::move(placed), ollama_run), searched_(searched), settings_(ollama_settings(load_))
    {
        if (settings_.placing == OllamaPlacing::estimate) {
            const LlamaCppRun start = ollama_start(load_, settings_, settings_.slots, settings_.num_batch);
            estimate_ = ollama_estimate(load_, settings_, start);
        }
    }

    DeviceLoad fullest(std::int64_t sequences) const override;
    using Plan::fullest;
    std::vector<Term> terms(bool text) const override
    {
        std::vector<Term> list = LlamaCppPlan::terms(text);
        assume_graph(list);
        return list;
    }
    std::vector<EnginePrint> prints() const override;
    std::vector<PlannedDevice> devices(bool text) const override;
    std::vector<Issue> issues() const override;
    void fill_defaults(Scenario& scenario) const override;

    /// Slots have a cache each, or share one that is as large.
    double cache_of_one() const override
    {
        return figures().kv_cache / static_cast<double>(std::max<std::int64_t>(1, run().n_seq_max));
    }

protected:
    bool has_own_context(const InferenceInputs& load) const override
    {
        return load.choice->ollama.num_ctx || load.choice->llama_cpp.n_ctx;
    }

    /// A request that is longer than a slot is cut, and further ones wait: neither is served as it was asked.
    bool holds(const LlamaCppRun& run, const InferenceInputs& load) const override
    {
        const bool slots_chosen =
            ollama_slots_said(*load.choice) || ollama_gives_one_slot(settings_.release, settings_.architecture);
        return load.sequence_length <= slot_tokens(run) &&
               (!slots_chosen || load.concurrent_sequences <= run.n_seq_max);
    }

    /// What is asked lies where Ollama put it. Of another load layers would go to the host as soon as less were free
    /// than Ollama leaves, which knows nothing of the CUDA context, an addend here.
    double usable_of(const InferenceInputs& load, const LlamaCppRun& run, std::size_t gpu) const override
    {
        const double all = LlamaCppPlan::usable_of(load, run, gpu);
        const std::size_t number = run.device_at(gpu);
        if (is_own(load.concurrent_sequences) || settings_.num_gpu >= 0 || number >= settings_.gpus.size() ||
            settings_.placing == OllamaPlacing::estimate)
            return all;
        const double projector = gpu == 0 ? run.projector : 0;
        const double target = ollama_target(settings_, load, number) + projector + overhead_bytes(load, 0);
        return std::min(all, std::max(0.0, std::floor(target)));
    }

private:
    /// The question itself, not one of a search.
    bool is_own(std::int64_t sequences) const { return !searched_ && sequences == load_.concurrent_sequences; }

    static std::int64_t slot_tokens(const LlamaCppRun& run)
    {
        return run.n_ctx / std::max<std::int64_t>(1, run.n_seq_max);
    }

    /// Another engine's graph stands for the one that is not known.
    void assume_graph(std::vector<Term>& terms) const
    {
        if (settings_.runner != OllamaRunner::own_engine)
            return;
        for (Term& term : terms)
            if (term.id == "activations")
                term.basis = Basis::assumed;
    }

    std::int64_t gpu_layers() const
    {
        std::int64_t layers = 0;
        for (const DeviceLayers& device : layout().placement.gpus)
            layers += device.layers() + (device.output ? 1 : 0);
        return layers;
    }
    std::int64_t all_layers() const { return run().blocks() + 1; }

    ShownSize shown() const;
    void add_placement(std::vector<Issue>& issues) const;
    void add_contradictions(std::vector<Issue>& issues) const;
    void add_unread(std::vector<Issue>& issues) const;

    bool searched_;
    OllamaSettings settings_;
    std::optional<OllamaEstimate> estimate_;
};

/// A release that estimates moves layers to the host when its estimate says so, whatever would be allocated.
DeviceLoad OllamaPlan::fullest(std::int64_t sequences) const
{
    DeviceLoad device = LlamaCppPlan::fullest(sequences);
    if (is_own(sequences) || !estimate_ || settings_.num_gpu >= 0 || !device.fits())
        return device;
    const InferenceInputs load = with_sequences(load_, sequences);
    const OllamaSettings settings = ollama_settings(load);
    const OllamaEstimate estimate =
        ollama_estimate(load, settings, ollama_start(load, settings, settings.slots, settings.num_batch));
    if (estimate.placed < gpu_layers())
        device.needed = std::max(device.usable + 1, estimate.total / static_cast<double>(run().devices));
    return device;
}

/// Releases that estimate show their estimate; the others what was allocated. From 0.30 on lines of the host count only
/// where layers lie there; Ollama's own engine adds the host's part to the GPUs' where no layer does (llm/server.go,
/// VRAMSize; llm/llama_server.go, MemorySize).
ShownSize OllamaPlan::shown() const
{
    if (estimate_)
        return {estimate_->total, estimate_->on_gpus};
    ShownSize size;
    for (const DeviceBytes& device : layout().gpus)
        size.on_gpus += device.model + device.kv + device.recurrent + device.compute.bytes;
    const bool own_engine = settings_.runner == OllamaRunner::own_engine;
    if (own_engine)
        size.on_gpus += run().projector;
    double host = 0;
    for (const Term& term : llama_cpp_host_terms(layout(), false))
        host += static_cast<double>(term.bytes.count);
    if (!own_engine)
        host -= run().host_projector;
    const bool all = gpu_layers() >= all_layers() && !run().moves_tensors();
    if (all && own_engine)
        size.on_gpus += host;
    size.all = all ? size.on_gpus : size.on_gpus + host;
    if (gpu_layers() == 0)
        size.on_gpus = 0;
    return size;
}

std::vector<EnginePrint> OllamaPlan::prints() const
{
    std::vector<EnginePrint> list = LlamaCppPlan::prints();
    const ShownSize size = shown();
    list.insert(
        list.begin(),
        {{"gpu_layers", "layers on GPUs, of " + std::to_string(all_layers()), static_cast<double>(gpu_layers()), 0},
         {"size_bytes", "ollama ps, SIZE (bytes)", std::round(size.all), 0},
         {"size_vram_bytes", "of which on GPUs (bytes)", std::round(size.on_gpus), 0},
         {"processor", "ollama ps, PROCESSOR", size.all > 0 ? size.on_gpus / size.all : 0, 0, processor_text(size)}});
    if (!estimate_)
        return list;
    const auto print = std::find_if(list.begin(), list.end(), [](const EnginePrint& p) { return p.id == "kv_mib"; });
    if (print != list.end()) {
        print->value = estimate_->sums.cache_total() / bytes_per_mib;
        print->label = "memory.required.kv (MiB)";
        print->decimals = 1;
    }
    list.push_back({"required_full_mib", "memory.required.full (MiB)", estimate_->total / bytes_per_mib, 1});
    list.push_back({"required_partial_mib", "memory.required.partial (MiB)", estimate_->on_gpus / bytes_per_mib, 1});
    list.push_back({"graph_full_mib", "memory.graph.full (MiB)", estimate_->graph_full / bytes_per_mib, 1});
    list.push_back({"graph_partial_mib", "memory.graph.partial (MiB)", estimate_->graph_partial / bytes_per_mib, 1});
    return list;
}

/// On several devices what `ollama ps` shows is of none of them.
std::vector<PlannedDevice> OllamaPlan::devices(bool text) const
{
    std::vector<PlannedDevice> list = LlamaCppPlan::devices(text);
    for (PlannedDevice& device : list) {
        assume_graph(device.terms);
        if (list.size() > 1)
            device.prints.insert(device.prints.begin(), {"gpu_layers", "layers on this GPU",
                                                         static_cast<double>(device.layers.value_or(0)), 0});
    }
    return list;
}

void OllamaPlan::add_placement(std::vector<Issue>& issues) const
{
    const std::int64_t here = gpu_layers();
    if (here < all_layers())
        issues.push_back({"inference.num_gpu", Severity::warning,
                          "Ollama puts " + grouped(here) + " of " + grouped(all_layers()) +
                              " layers on GPUs, the output as one; the others lie in the host's memory and are "
                              "computed there"});
    else if (run().moves_tensors())
        issues.push_back({"inference.num_gpu", Severity::warning,
                          "llama.cpp leaves experts of some layers in the host's memory; they are computed there"});
    if (settings_.runner == OllamaRunner::own_engine)
        issues.push_back({"inference.engine", Severity::warning,
                          "Ollama runs this network with an engine of its own, whose compute graphs are not known "
                          "here; llama.cpp's of the same network stand for them"});
    if (run().projector > 0)
        issues.push_back({"inference.mmproj", Severity::warning,
                          "the projector is counted with its weights; the buffer that it computes in follows the "
                          "largest image and is not counted"});
    if (run().drafted > 0)
        issues.push_back({"inference.draft_num_predict", Severity::warning,
                          "drafts are counted in recurrent states; weights, cache and buffer of the prediction layers "
                          "are not"});
    else if (load_.choice->ollama.draft_num_predict > 0)
        issues.push_back({"inference.draft_num_predict", Severity::warning,
                          "the network has no prediction layers; a draft model of its own is not counted"});
}

/// Two spellings of one thing.
void OllamaPlan::add_contradictions(std::vector<Issue>& issues) const
{
    const OllamaOptions& own = load_.choice->ollama;
    const LlamaCppOptions& handed_on = load_.choice->llama_cpp;
    const auto refuse = [&](const std::string& key, const std::string& other, std::int64_t one, std::int64_t two) {
        issues.push_back({key, Severity::error,
                          key + " is " + grouped(one) + ", and " + other + " is " + grouped(two) +
                              "; they say the same to Ollama, so only one of them may stand"});
    };
    if (own.num_ctx && handed_on.n_ctx && *own.num_ctx * run().n_seq_max != *handed_on.n_ctx)
        refuse("inference.num_ctx", "inference.n_ctx, which is of all slots,", *own.num_ctx, *handed_on.n_ctx);
    if (own.num_gpu && handed_on.n_gpu_layers && *own.num_gpu != *handed_on.n_gpu_layers)
        refuse("inference.num_gpu", "inference.n_gpu_layers", *own.num_gpu, *handed_on.n_gpu_layers);
    for (const auto& batch : {handed_on.n_ubatch, handed_on.n_batch})
        if (own.num_batch && batch && *own.num_batch != *batch)
            refuse("inference.num_batch", batch == handed_on.n_ubatch ? "inference.n_ubatch" : "inference.n_batch",
                   *own.num_batch, *batch);
    InferenceChoice alone;
    alone.ollama.num_parallel = own.num_parallel;
    if (const auto slots = ollama_slots_said(alone); slots && handed_on.n_seq_max && *slots != *handed_on.n_seq_max)
        refuse("inference.num_parallel", "inference.n_seq_max", *slots, *handed_on.n_seq_max);
    if (!ollama_can_read_slots(*load_.choice))
        issues.push_back({"inference.num_parallel", Severity::error,
                          "inference.num_parallel is \"" + *own.num_parallel +
                              "\"; it must be auto or a whole number from 1 to " + grouped(most_sequences)});
    if (handed_on.main_gpu.value_or(0) >= static_cast<std::int64_t>(std::max<std::size_t>(1, settings_.gpus.size())))
        issues.push_back({"inference.main_gpu", Severity::error,
                          "inference.main_gpu is " + grouped(*handed_on.main_gpu) + "; counted from 0, there are " +
                              grouped(static_cast<std::int64_t>(settings_.gpus.size())) + " GPUs"});
}

/// What is said, and has no effect.
void OllamaPlan::add_unread(std::vector<Issue>& issues) const
{
    const OllamaOptions& own = load_.choice->ollama;
    if (own.num_thread)
        issues.push_back({"inference.num_thread", Severity::note, "inference.num_thread has no effect on memory"});
    if (own.use_mmap)
        issues.push_back({"inference.use_mmap", Severity::note,
                          "inference.use_mmap has no effect here: mapped or read, what lies on the host is counted"});
    if (own.max_loaded_models)
        issues.push_back({"inference.max_loaded_models", Severity::note,
                          "inference.max_loaded_models has no effect on the figures, which are of one model"});
    if (settings_.cache_refused)
        issues.push_back({"precision.kv_cache", Severity::warning,
                          std::string("Ollama of this release keeps the cache in 16 bits: ") +
                              (settings_.flash ? "it knows q8_0 and q4_0, for keys and values alike"
                                               : "a quantized one needs flash attention, which is off")});
    if (settings_.runner == OllamaRunner::llama_server && own.gpu_overhead > 0)
        issues.push_back({"inference.gpu_overhead", Severity::note,
                          "inference.gpu_overhead decides only the default context from 0.30 on: llama.cpp, which "
                          "places the layers, does not know it"});
    const bool placed_by_itself = settings_.runner != OllamaRunner::llama_server;
    if (load_.choice->llama_cpp.main_gpu && placed_by_itself)
        issues.push_back({"inference.main_gpu", Severity::note,
                          "inference.main_gpu has no effect on where this release of Ollama puts layers"});
}

std::vector<Issue> OllamaPlan::issues() const
{
    std::vector<Issue> issues;
    add_contradictions(issues);
    add_placement(issues);
    add_unread(issues);
    for (Issue& issue : run_issues())
        issues.push_back(std::move(issue));
    const std::int64_t tokens = slot_tokens(run());
    if (load_.sequence_length > tokens)
        issues.push_back({"inference.num_ctx", Severity::warning,
                          "a slot has " + grouped(tokens) + " tokens, fewer than inference.sequence_length, " +
                              grouped(load_.sequence_length) + "; Ollama cuts what is longer"});
    if (load_.concurrent_sequences > run().n_seq_max)
        issues.push_back({"inference.concurrent_sequences", Severity::warning,
                          "Ollama serves " + grouped(run().n_seq_max) + " at a time; " +
                              grouped(load_.concurrent_sequences - run().n_seq_max) + " wait"});
    return issues;
}

void OllamaPlan::fill_defaults(Scenario& scenario) const
{
    OllamaOptions& own = scenario.inference.ollama;
    LlamaCppOptions& handed_on = scenario.inference.llama_cpp;
    own.num_ctx = slot_tokens(run());
    own.num_parallel = std::to_string(run().n_seq_max);
    own.num_batch = run().n_ubatch;
    own.num_gpu = settings_.num_gpu;
    own.mmproj = run().projector + run().host_projector > 0;
    handed_on.n_ctx = run().n_ctx;
    handed_on.n_seq_max = run().n_seq_max;
    handed_on.n_batch = handed_on.n_ubatch = run().n_ubatch;
    handed_on.flash_attn = run().flash_attn;
}

PlanPointer ollama_plan(InferenceInputs load)
{
    const bool searched = load.placed != nullptr;
    return std::make_shared<OllamaPlan>(ollama_placed(std::move(load)), searched);
}

std::optional<RequestLimit> ollama_request_limit(const InferenceChoice& choice)
{
    if (choice.ollama.num_ctx)
        return RequestLimit{"inference.num_ctx", *choice.ollama.num_ctx};
    return llama_cpp_request_limit(choice);
}

} // namespace

constinit const Engine ollama_rules =
    over_llama_cpp({.id = "ollama",
                    .name = "Ollama",
                    .summary = "its defaults and its placement of layers, over llama.cpp",
                    .versions = "0.5 to 0.11, 0.12 to 0.29, 0.30 on",
                    .differs_by_accelerator = true,
                    .plan = ollama_plan,
                    .usual_tokens = ollama_usual_tokens,
                    .request_limit = ollama_request_limit});

} // namespace weighbridge
