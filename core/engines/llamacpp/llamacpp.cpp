#include "core/engines/llamacpp/llamacpp.h"

#include "core/engines/inference.h"
#include "core/engines/llamacpp/cache.h"
#include "core/engines/llamacpp/graph_rules.h"
#include "core/engines/llamacpp/llamacpp_plan.h"
#include "core/engines/llamacpp/model_buffers.h"
#include "core/engines/llamacpp/placement.h"
#include "core/engines/llamacpp/terms.h"
#include "core/precision/gguf_mix.h"
#include "core/quantity/display.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <utility>

namespace weighbridge {

namespace {

/// "ffn_up=CPU": a pattern of names and where tensors lie that fit; the CPU where nothing is said.
struct Override
{
    Pattern pattern;
    std::string_view device;
};

Override read_override(std::string_view text)
{
    const std::size_t sign = text.rfind('=');
    return {Pattern(text.substr(0, sign)), sign == std::string_view::npos ? "CPU" : text.substr(sign + 1)};
}

constexpr std::string_view ik_llama_cpp = "ik_llama.cpp";

/// Slots of llama-server where -np is left out; they share one cache (tools/server, common/arg.cpp).
constexpr std::int64_t server_slots = 4;
/// Tokens that are drafted where nobody says how many (common.h).
constexpr std::int64_t usual_draft = 3;

constexpr std::int64_t every_token = -1;
constexpr std::int64_t server_rows = 0; ///< one a sequence, as left out

/// Rows of logits: "server", "all" or a number from 1. Nothing for other texts.
std::optional<std::int64_t> read_outputs(std::string_view text)
{
    if (text == "server")
        return server_rows;
    if (text == "all")
        return every_token;
    std::string digits(text); // a number that was written as one comes with its groups apart
    digits.erase(std::remove(digits.begin(), digits.end(), ','), digits.end());
    std::int64_t rows = 0;
    const char* end = digits.data() + digits.size();
    const auto [rest, problem] = std::from_chars(digits.data(), end, rows);
    const bool whole = problem == std::errc{} && rest == end;
    return whole && rows >= 1 && rows <= most_tokens ? std::optional(rows) : std::nullopt;
}

/// The numbers of the GPUs that are used, none of "none"; nothing where a word is neither that nor a GPU that is there.
std::optional<std::vector<std::size_t>> chosen_devices(const LlamaCppOptions& options, std::int64_t gpus)
{
    std::vector<std::size_t> numbers;
    for (const std::string& word : options.device) {
        if (word == "none" && options.device.size() == 1)
            return numbers;
        std::int64_t number = 0;
        const std::size_t digits = word.find_first_of("0123456789"); // "1", "CUDA1"
        const char* end = word.data() + word.size();
        if (digits == std::string::npos)
            return std::nullopt;
        const auto [rest, problem] = std::from_chars(word.data() + digits, end, number);
        if (problem != std::errc{} || rest != end || number >= gpus)
            return std::nullopt;
        numbers.push_back(static_cast<std::size_t>(number));
    }
    return numbers;
}

/// Of a typed GPU or share, that it is there.
void check_devices(std::vector<Issue>& issues, const InferenceInputs& load)
{
    const LlamaCppOptions& options = load.choice->llama_cpp;
    const std::int64_t gpus = load.tensor_parallel * load.pipeline_parallel;
    const auto refuse = [&](const std::string& key, const std::string& what) {
        issues.push_back({key, Severity::error, key + " " + what + (gpus == 1 ? " GPU" : " GPUs")});
    };
    if (options.main_gpu.value_or(0) >= gpus)
        refuse("inference.main_gpu",
               "is " + grouped(*options.main_gpu) + "; counted from 0, there are " + grouped(gpus));
    if (!chosen_devices(options, gpus))
        refuse("inference.device",
               "must name GPUs by their numbers, or be none; counted from 0, there are " + grouped(gpus));
    if (const auto shares = static_cast<std::int64_t>(options.tensor_split.size()); shares > gpus)
        refuse("inference.tensor_split", "has " + grouped(shares) + " shares; there are " + grouped(gpus));
}

} // namespace

std::vector<Issue> LlamaCppPlan::run_issues() const
{
    std::vector<Issue> issues;
    if (!layout().graph)
        issues.push_back(
            {"model", Severity::warning,
             "llama.cpp's graph of \"" + load_.model->architecture.family +
                 "\" is not known here; its compute buffer is reckoned by sums that others were measured by"});
    if (load_.accelerator != nullptr && load_.devices == nullptr) {
        const double host = llama_cpp_host_bytes(layout());
        const double left = left_beside_host(*load_.accelerator, load_.memory_in_use, host);
        if (left < usable_of(load_, run(), 0))
            issues.push_back({"hardware.accelerator", Severity::note,
                              "the host's part, " + in_unit(whole_bytes(host), ByteUnit::gib) +
                                  ", lies in the memory that the GPU shares; of that it may use what is left, " +
                                  in_unit(whole_bytes(left), ByteUnit::gib)});
    }
    if (const std::string_view mix = mix_for_type(run().weights.id); !mix.empty())
        issues.push_back({"precision.weights", Severity::warning,
                          "\"" + run().weights.id +
                              "\" is read as the type of every matrix; a file that llama-quantize made " +
                              "of that name is " + std::string(mix)});
    if (const std::string& id = run().weights.id; is_outline(id))
        issues.push_back(
            {"precision.weights", Severity::warning,
             "of \"" + id +
                 "\" only the outline is known here, since its types were chosen tensor by tensor; the file "
                 "itself, or hf:ORGANIZATION/REPOSITORY:" +
                 id.substr(id.find(':') + 1) + ", is counted exactly"});
    return issues;
}

std::vector<Issue> LlamaCppPlan::issues() const
{
    std::vector<Issue> issues = run_issues();
    const LlamaCppCells cells = llama_cpp_cells(run());
    const LlamaCppOptions& options = load_.choice->llama_cpp;
    if (options.n_outputs_max && !read_outputs(*options.n_outputs_max))
        issues.push_back({"inference.n_outputs_max", Severity::error,
                          "inference.n_outputs_max is \"" + *options.n_outputs_max +
                              "\"; it must be server, all or a whole number from 1 to " + grouped(most_tokens)});
    for (const std::string& given : options.override_tensor) {
        const Override read = read_override(given);
        if (!read.pattern.valid())
            issues.push_back(
                {"inference.override_tensor", Severity::error,
                 "inference.override_tensor has \"" + given + "\", which can't be read as a regular expression"});
        else if (read.device != "CPU")
            issues.push_back({"inference.override_tensor", Severity::warning,
                              "inference.override_tensor moves tensors to " + std::string(read.device) +
                                  "; the figures are for the CPU, the only device with a rule here"});
    }
    if (load_.choice->ollama.mmproj.value_or(false))
        issues.push_back({"inference.mmproj", Severity::warning,
                          run().projector + run().host_projector > 0
                              ? "of the projector the weights are counted, in 16 bits; the buffer that it computes an "
                                "image in has no rule here"
                              : "inference.mmproj is asked for, and this model has no tower"});
    if (options.spec_type == "draft-mtp" && run().mtp == 0)
        issues.push_back({"inference.spec_type", Severity::error,
                          "inference.spec_type is \"draft-mtp\", and this model has no prediction layers"});
    if (options.spec_type == "draft-mtp" && run().mtp > 0)
        issues.push_back(
            {"inference.spec_type", Severity::warning,
             "the compute buffer of the draft's context is taken to be as large as the model's own on that "
             "GPU, which is a little too much"});
    if (options.split_mode == "row" || options.split_mode == "tensor")
        issues.push_back({"inference.split_mode", Severity::warning,
                          "inference.split_mode is \"" + options.split_mode +
                              "\", for which there is no rule here; the figures are those of \"layer\""});
    if (run().n_ctx < run().n_seq_max)
        issues.push_back({"inference.n_ctx", Severity::error,
                          "inference.n_ctx is " + grouped(run().n_ctx) + "; it must be at least inference.n_seq_max, " +
                              grouped(run().n_seq_max)});
    if (const auto slots = load_.choice->llama_cpp.n_seq_max; slots && load_.concurrent_sequences > *slots)
        issues.push_back({"inference.concurrent_sequences", Severity::warning,
                          "llama.cpp serves at most n_seq_max " + grouped(*slots) + " at a time; the figures are for " +
                              grouped(load_.concurrent_sequences)});
    check_devices(issues, load_);
    const bool quantized_values = run().kv_v.bits != 16 && run().kv_v.bits != 32;
    if (quantized_values && !run().flash_attn)
        issues.push_back({"precision.kv_cache.v", Severity::error,
                          "precision.kv_cache.v is \"" + run().kv_v.id +
                              "\"; llama.cpp quantizes values only with inference.flash_attn"});
    if (load_.sequence_length > cells.full)
        issues.push_back({"inference.n_ctx", Severity::note,
                          "a sequence has " + grouped(cells.full) + " cells, fewer than inference.sequence_length, " +
                              grouped(load_.sequence_length)});
    return issues;
}

void LlamaCppPlan::fill_defaults(Scenario& scenario) const
{
    LlamaCppOptions& options = scenario.inference.llama_cpp;
    options.n_ctx = run().n_ctx;
    options.n_batch = options.n_batch.value_or(2048);
    options.n_ubatch = run().n_ubatch;
    options.n_seq_max = run().n_seq_max;
    options.kv_unified = run().kv_unified;
    options.flash_attn = run().flash_attn;
    options.swa_full = run().swa_full;
    options.n_gpu_layers = run().n_gpu_layers;
    options.n_cpu_moe = run().n_cpu_moe;
    options.main_gpu = options.main_gpu.value_or(0);
}

namespace {

/// Whose files count prediction layers among their blocks, though none is loaded (convert_hf_to_gguf.py, block_count of
/// Glm4MoeModel and GlmMoeDsaModel; llama-model.cpp skips their tensors).
bool counts_prediction(std::string_view family)
{
    return family == "glm4_moe" || family == "glm_moe_dsa";
}

/// Which GPUs share the layers, and how: as was asked for, else by free memory, which alike ones have the same of. All
/// shares 0 are none to llama.cpp (llama-model.cpp, load_tensors).
void share_layers(LlamaCppRun& run, const InferenceInputs& inputs)
{
    const LlamaCppOptions& options = inputs.choice->llama_cpp;
    run.devices = inputs.tensor_parallel * inputs.pipeline_parallel;
    if (const auto chosen = chosen_devices(options, run.devices); chosen && !options.device.empty()) {
        run.without_gpu = chosen->empty();
        run.device_numbers = *chosen;
        run.devices = std::max<std::int64_t>(1, static_cast<std::int64_t>(chosen->size()));
    }
    if (options.split_mode == "none") {
        run.device_numbers = {static_cast<std::size_t>(std::min(options.main_gpu.value_or(0), run.devices - 1))};
        run.devices = 1;
        return;
    }
    const std::vector<double>& shares = options.tensor_split;
    if (std::any_of(shares.begin(), shares.end(), [](double share) { return share > 0; }))
        run.shares = shares;
    else if (inputs.devices != nullptr)
        for (std::int64_t gpu = 0; gpu < run.devices; ++gpu)
            run.shares.push_back(inputs.devices->at(run.device_at(static_cast<std::size_t>(gpu))).free());
}

LlamaCppRun run_with_projector(const InferenceInputs& inputs)
{
    return with_projector(llama_cpp_run(inputs), inputs);
}

PlanPointer llama_cpp_plan(InferenceInputs load)
{
    return std::make_shared<LlamaCppPlan>(std::move(load), run_with_projector);
}

} // namespace

LlamaCppRun llama_cpp_run(const InferenceInputs& inputs)
{
    const LlamaCppOptions& options = inputs.choice->llama_cpp;
    LlamaCppRun run;
    run.model = inputs.model;
    if (counts_prediction(inputs.model->architecture.family))
        run.predicted = inputs.model->architecture.mtp_layers();
    run.widths = layer_widths(inputs.model->architecture);
    run.build = llama_cpp_build(inputs.choice->engine_version);
    run.build.ik = run.build.ik || inputs.engine == &ik_llama_cpp_rules;
    const GraphRules* rules = graph_rules(inputs.model->architecture.family);
    run.windowed = rules == nullptr || rules->windowed;
    run.caches = rules == nullptr || rules->causal;
    if (!run.windowed)
        for (LayerWidths& widths : run.widths)
            widths.sliding = false;
    run.weights = inputs.weights;
    run.pads_rows = run.build.pads_rows() && (inputs.accelerator == nullptr || inputs.accelerator->vendor != "Apple");
    run.kv_k = inputs.kv_k;
    run.kv_v = inputs.kv_v;
    const bool server = options.front_end != "library";
    const bool own_slots = server && !options.n_seq_max && run.build.has_slots_of_its_own();
    run.n_seq_max = options.n_seq_max.value_or(own_slots ? std::max(inputs.concurrent_sequences, server_slots)
                                                         : inputs.concurrent_sequences);
    run.n_ctx = options.n_ctx.value_or(inputs.sequence_length * inputs.concurrent_sequences);
    run.n_ubatch = std::min(options.n_ubatch.value_or(512), options.n_batch.value_or(2048));
    run.kv_unified = options.kv_unified.value_or(own_slots || !run.build.separates_sequences());
    run.flash_attn = options.flash_attn.value_or(run.build.defaults_to_flash() && (rules == nullptr || rules->flash));
    run.swa_full = options.swa_full.value_or(false);
    if (options.spec_type == "draft-mtp")
        run.predicted = run.mtp = inputs.model->architecture.mtp_layers();
    const std::int64_t all_layers = run.blocks() + 1;
    const std::int64_t offloaded = options.n_gpu_layers.value_or(-1);
    run.n_gpu_layers = offloaded < 0 ? all_layers : std::min(offloaded, all_layers);
    run.n_cpu_moe = options.n_cpu_moe.value_or(0);
    run.mla = options.mla;
    if (!run.build.ik && rules != nullptr && rules->expanded_latent)
        run.mla = 0;
    share_layers(run, inputs);
    if (run.without_gpu)
        run.n_gpu_layers = 0;
    if (!options.override_tensor.empty()) {
        auto patterns = std::make_shared<std::vector<Pattern>>();
        for (const std::string& given : options.override_tensor)
            patterns->push_back(read_override(given).pattern);
        run.overrides = std::move(patterns);
    }
    run.kv_offload = options.kv_offload;
    run.op_offload = options.op_offload;
    const bool drafts = options.spec_type != "none";
    if (rules == nullptr || rules->takes_states_back)
        run.drafted = options.spec_draft_n_max.value_or(drafts ? usual_draft : 0);
    run.flash_auto = !options.flash_attn && run.flash_attn;
    if (!server || options.runner == "pooling")
        run.n_outputs_max = every_token;
    if (options.n_outputs_max)
        if (const auto rows = read_outputs(*options.n_outputs_max))
            run.n_outputs_max = *rows == server_rows ? std::nullopt : rows;
    run.attn_max_batch = options.attn_max_batch;
    return run;
}

LlamaCppRun with_projector(LlamaCppRun run, const InferenceInputs& inputs)
{
    if (inputs.choice->ollama.mmproj.value_or(false))
        (inputs.choice->llama_cpp.mmproj_offload && !run.without_gpu ? run.projector : run.host_projector) =
            llama_cpp_projector_bytes(*inputs.model);
    return run;
}

std::optional<RequestLimit> llama_cpp_request_limit(const InferenceChoice& choice)
{
    const auto cells = choice.llama_cpp.n_ctx;
    return cells ? std::optional<RequestLimit>({"inference.n_ctx", *cells}) : std::nullopt;
}

double llama_cpp_cell_bytes(const InferenceInputs& inputs, const CacheRun& run)
{
    const LlamaCppCells one{.full = 1, .sliding = 1, .streams = 1, .n_ctx = 1};
    return llama_cpp_cache_bytes<double>(llama_cpp_run(inputs), one, run, 1);
}

constinit const Engine llama_cpp_rules =
    over_llama_cpp({.id = "llama.cpp",
                    .name = "llama.cpp",
                    .summary = "llama.cpp and ik_llama.cpp: buffers as they print them",
                    .versions = "2025 and before, 2026 on; ik_llama.cpp",
                    .also = {"llama-server", "llamacpp"},
                    .fork = ik_llama_cpp,
                    .plan = llama_cpp_plan,
                    .request_limit = llama_cpp_request_limit});

constinit const Engine ik_llama_cpp_rules =
    over_llama_cpp({.id = ik_llama_cpp,
                    .name = "ik_llama.cpp",
                    .summary = "the fork of llama.cpp: whole caches, MLA modes of its own",
                    .versions = "2024 on",
                    .fork = ik_llama_cpp,
                    .plan = llama_cpp_plan,
                    .request_limit = llama_cpp_request_limit});

} // namespace weighbridge
