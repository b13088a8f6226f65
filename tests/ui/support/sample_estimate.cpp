#include "tests/ui/support/sample_estimate.h"

#include <algorithm>

namespace weighbridge::sample {

namespace {

Bytes gibs(double amount)
{
    return {static_cast<std::int64_t>(amount * bytes_per_gib)};
}

Term term(std::string id, std::string label, Bytes bytes, std::string symbols, std::string numbers,
          Basis basis = Basis::exact, double spread = 0)
{
    Term result;
    result.id = std::move(id);
    result.label = std::move(label);
    result.bytes = bytes;
    result.low = {static_cast<std::int64_t>(static_cast<double>(bytes.count) * (1 - spread))};
    result.high = {static_cast<std::int64_t>(static_cast<double>(bytes.count) * (1 + spread))};
    result.basis = basis;
    result.formula = {std::move(symbols), std::move(numbers)};
    result.source = "sum over the tensors of the modeling file of this family";
    return result;
}

Accelerator accelerator(std::string id, std::string name, double capacity_gib, double bandwidth_gbs, double bf16)
{
    Accelerator result;
    result.id = std::move(id);
    result.name = std::move(name);
    result.vendor = "NVIDIA";
    result.segment = "datacenter";
    result.capacity = gibs(capacity_gib);
    result.capacity_from_driver = true;
    result.bandwidth_gbs = bandwidth_gbs;
    if (bf16 > 0)
        result.tflops.bf16 = bf16;
    return result;
}

Accelerator h100()
{
    return accelerator("h100_sxm_80", "H100 SXM 80 GB", 79.6475, 3350, 989.4);
}

Fit fitOn(const Accelerator& target, Bytes needed, std::optional<std::int64_t> gpus)
{
    Fit fit;
    fit.accelerator = target;
    fit.needed = needed;
    fit.capacity = fit.usable = target.capacity;
    fit.fraction = static_cast<double>(needed.count) / static_cast<double>(fit.usable.count);
    fit.verdict = fit.fraction <= 0.85 ? Verdict::fits : fit.fraction <= 1 ? Verdict::tight : Verdict::exceeds;
    fit.free_bytes = fit.usable.count - needed.count;
    fit.gpus_needed = gpus;
    return fit;
}

Architecture llamaArchitecture()
{
    Architecture architecture;
    architecture.family = "llama";
    architecture.hidden_size = 8192;
    architecture.vocab_size = 128256;
    architecture.max_position_embeddings = 131072;
    Attention attention;
    attention.heads = 64;
    attention.kv_heads = 8;
    attention.head_dim = attention.value_head_dim = 128;
    DenseFeedForward dense;
    dense.intermediate_size = 28672;
    for (int layer = 0; layer < 80; ++layer)
        architecture.append({attention, dense, 2});
    return architecture;
}

Architecture latentArchitecture()
{
    Architecture architecture;
    architecture.family = "deepseek_v3";
    architecture.hidden_size = 7168;
    architecture.vocab_size = 129280;
    LatentAttention attention;
    attention.heads = 128;
    attention.q_lora_rank = 1536;
    attention.kv_lora_rank = 512;
    attention.qk_nope_head_dim = 128;
    attention.qk_rope_head_dim = 64;
    attention.v_head_dim = 128;
    DenseFeedForward dense;
    dense.intermediate_size = 18432;
    MixtureOfExperts experts;
    experts.routed_experts = 256;
    experts.experts_per_token = 8;
    experts.expert_intermediate_size = 2048;
    experts.shared_experts = 1;
    experts.shared_intermediate_size = 2048;
    experts.router_bias = true;
    for (int layer = 0; layer < 61; ++layer)
        architecture.append({attention, layer < 3 ? FeedForward(dense) : FeedForward(experts), 2});
    architecture.mtp.push_back({architecture.kinds.back(), 1});
    return architecture;
}

RooflineRow operation(std::string id, std::string label, double flops, double bytes, const Roofline& roof)
{
    RooflineRow row;
    row.operation.id = std::move(id);
    row.operation.label = std::move(label);
    row.operation.flops = flops;
    row.operation.weight_bytes = bytes * 0.9;
    row.operation.activation_bytes = bytes * 0.1;
    row.operation.flops_formula = {"2 · T · h · (a·d + 2·k·d) / tp", "2 × 12 × 8,192 × 10,240 / 4"};
    row.operation.bytes_formula = {"h · (a·d + 2·k·d) · B_w / tp", "8,192 × 10,240 × 2 / 4"};
    if (!roof.peak || roof.bandwidth <= 0)
        return row;
    const double peak = roof.peak->flops_per_second;
    row.attainable_flops = std::min(peak, row.operation.intensity() * roof.bandwidth);
    row.bound = row.operation.intensity() < roof.ridge ? Bound::memory : Bound::compute;
    return row;
}

Roofline roofline(Phase phase, std::string kind, std::int64_t layers, double scale)
{
    Roofline roof;
    roof.phase = phase;
    roof.layer_label = std::move(kind);
    roof.layers = layers;
    roof.peak = PeakRate{989.4e12, ComputeType::bf16};
    roof.bandwidth = 3.35e12;
    roof.ridge = 295.3;
    roof.rows = {
        operation("qkv_projection", "QKV projection", 503e6 * scale, 42.2e6, roof),
        operation("attention_scores", "Attention scores", 1.61e9 * scale, 203e6 * std::max(1.0, scale / 900), roof),
        operation("attention_values", "Attention values", 1.61e9 * scale, 206e6 * std::max(1.0, scale / 900), roof),
        operation("output_projection", "Output projection", 403e6 * scale, 33.8e6, roof),
        operation("ffn", "Feed-forward (SwiGLU)", 4.23e9 * scale, 353e6, roof),
        operation("norms", "RMSNorm × 2", 983e3 * scale, 1.2e6 * scale, roof)};
    for (const RooflineRow& row : roof.rows) {
        roof.flops += row.operation.flops;
        roof.bytes += row.operation.bytes();
    }
    roof.seconds_at_least = roof.bytes / roof.bandwidth;
    return roof;
}

std::vector<Fit> cardsFor(Bytes needed)
{
    return {
        fitOn(accelerator("rtx_4090", "RTX 4090", 23.6, 1008, 165), needed, 16),
        fitOn(accelerator("a100_sxm_40", "A100 40 GB", 39.4, 1555, 312), needed, 8),
        fitOn(accelerator("l40s", "L40S", 44.4, 864, 362), needed, std::nullopt),
        fitOn(accelerator("a100_sxm_80", "A100 80 GB", 79.3, 2039, 312), needed, 4),
        fitOn(h100(), needed, 4),
        fitOn(accelerator("rtx_6000_pro", "RTX PRO 6000 Blackwell Workstation Edition", 69.0, 1792, 500), needed, 4),
        fitOn(accelerator("h100_nvl", "H100 NVL 94 GB", 93.1, 3938, 835), needed, 4),
        fitOn(accelerator("h200", "H200 141 GB", 139.8, 4800, 989.4), needed, 2),
        fitOn(accelerator("b200", "B200 180 GB", 178.3, 7700, 2250), needed, 2)};
}

void finish(Estimate& estimate)
{
    estimate.total = estimate.low = estimate.high = {};
    for (const Term& part : estimate.terms) {
        estimate.total += part.bytes;
        estimate.low += part.low;
        estimate.high += part.high;
    }
    estimate.fit = fitOn(estimate.accelerator, estimate.total, 4);
    estimate.cards = cardsFor(estimate.total);
}

} // namespace

Estimate llama70b()
{
    Estimate estimate;
    estimate.model = make_model("Llama-3.1-70B", llamaArchitecture());
    estimate.accelerator = h100();
    estimate.gpus = 4;
    estimate.scenario.inference.sequence_length = 32768;
    estimate.scenario.inference.concurrent_sequences = 12;
    estimate.scenario.hardware.tensor_parallel = 4;
    estimate.scenario.hardware.pinned = {"h200"};

    Term weights = term("weights", "Weights", gibs(32.86), "P · B_w / tp", "70,553,706,496 × 2 / 4");
    weights.children = {term("weights.attention", "Attention", gibs(5.63), "L · (2 · h · a·d + 2 · h · k·d) · B_w / tp",
                             "80 × (2 × 8,192 × 8,192 + 2 × 8,192 × 1,024) × 2 / 4"),
                        term("weights.feed_forward", "Feed-forward", gibs(26.25), "L · 3 · h · h_ffn · B_w / tp",
                             "80 × 3 × 8,192 × 28,672 × 2 / 4"),
                        term("weights.embedding", "Embedding and LM head", gibs(0.98), "2 · v · h · B_w / tp",
                             "2 × 128,256 × 8,192 × 2 / 4")};
    estimate.terms = {weights,
                      term("kv_cache", "KV cache", gibs(30.0), "2 · L · k · d · s · b · B_kv / tp",
                           "2 × 80 × 8 × 128 × 32,768 × 12 × 2 / 4"),
                      term("activations", "Activations", gibs(0.70), "T · (3 · h + 3 · h_ffn / tp) · B_a",
                           "8,192 × (3 × 8,192 + 3 × 28,672 / 4) × 2", Basis::derived, 0.10),
                      term("overhead", "Engine overhead", gibs(2.15), "CUDA context + NCCL + CUDA graphs",
                           "536,870,912 + 1,073,741,824 + 697,932,186", Basis::calibrated, 0.35)};
    finish(estimate);
    estimate.cache.bytes_per_token = 327680;
    estimate.cache.formula = {"2 · L · k · d · B_kv", "2 × 80 × 8 × 128 × 2"};
    estimate.capacity = {.max_concurrent_sequences = 14,
                         .max_sequence_length = 49900,
                         .kv_tokens = 458752,
                         .kv_tokens_all = 458752,
                         .pool_bytes = {},
                         .limited_by = {},
                         .searched = true,
                         .step = {}};
    estimate.rooflines = {roofline(Phase::decode, "full attention, dense", 80, 1),
                          roofline(Phase::prefill, "full attention, dense", 80, 32768)};
    return estimate;
}

Estimate mixtureWithLatentCache()
{
    Estimate estimate = llama70b();
    estimate.model = make_model("DeepSeek-V3.1-Terminus", latentArchitecture());
    estimate.accelerator = accelerator("h200", "H200 141 GB", 139.8, 4800, 989.4);
    estimate.gpus = 8;
    estimate.scenario.hardware.tensor_parallel = 8;
    Term weights = term("weights", "Weights", gibs(79.2), "P_w · B_w / tp + P_16 · B_16 / tp + P_16,all · B_16",
                        "655,970,729,984 × 1 / 8 + 15,000,000,000 × 2 / 8 + 34,123,520 × 2", Basis::derived, 0.02);
    weights.children = {term("weights.attention", "Attention", gibs(1.5),
                             "L_1 · (h · r_q + r_q · a·(d_nope + d_rope) + h · (r_kv + d_rope) + r_kv · a·(d_nope + "
                             "d_v) + h · a·d_v) · B_w / tp + "
                             "L_2 · (h · r_q + r_q · a·(d_nope + d_rope) + h · (r_kv + d_rope) + r_kv · a·(d_nope + "
                             "d_v) + h · a·d_v) · B_w / tp",
                             "3 × (7,168 × 1,536 + 1,536 × 24,576 + 7,168 × 576 + 512 × 32,768 + 7,168 × 16,384) × 1 / "
                             "8 + 58 × (7,168 × 1,536 + "
                             "1,536 × 24,576 + 7,168 × 576 + 512 × 32,768 + 7,168 × 16,384) × 1 / 8",
                             Basis::derived, 0.02),
                        term("weights.experts", "Routed experts", gibs(76.1), "L_2 · E · 3 · h · h_exp · B_w / tp",
                             "58 × 256 × 3 × 7,168 × 2,048 × 1 / 8", Basis::derived, 0.02),
                        term("weights.norms", "Norms", {3200000}, "L · 2 · h · B_16", "61 × 2 × 7,168 × 2")};
    estimate.terms = {weights,
                      term("kv_cache", "KV cache", gibs(25.1), "L · (r_kv + d_rope) · B_kv · s · b",
                           "61 × (512 + 64) × 2 × 32,768 × 12"),
                      estimate.terms[2], estimate.terms[3]};
    finish(estimate);
    estimate.cache.bytes_per_token = 70272;
    estimate.cache.formula = {"L · (r_kv + d_rope) · B_kv", "61 × (512 + 64) × 2"};
    estimate.rooflines = {roofline(Phase::decode, "latent attention, experts", 58, 3),
                          roofline(Phase::prefill, "latent attention, experts", 58, 32768),
                          roofline(Phase::decode, "latent attention, dense", 3, 5),
                          roofline(Phase::prefill, "latent attention, dense", 3, 20000)};
    return estimate;
}

Estimate exceeding()
{
    Estimate estimate = llama70b();
    estimate.gpus = 1;
    estimate.scenario.hardware.tensor_parallel = 1;
    for (Term& part : estimate.terms)
        for (std::int64_t* amount : {&part.bytes.count, &part.low.count, &part.high.count})
            *amount = *amount * 13 / 4;
    finish(estimate);
    estimate.capacity = {};
    return estimate;
}

Estimate huge()
{
    Estimate estimate = mixtureWithLatentCache();
    const std::string name = "an-organisation-with-a-very-long-name/A-Model-Whose-Name-Does-Not-Want-To-End-"
                             "Instruct-Preview-2026-11-21-GGUF-Q4_K_M (edited)";
    estimate.model = make_model(name, latentArchitecture());
    estimate.accelerator.name =
        "An accelerator with a name that is much longer than the cards, the header and the chart expect it to be";
    estimate.gpus = 1024;
    constexpr std::int64_t much = 9007199254740992 / 8;
    for (Term& part : estimate.terms)
        part.bytes.count = part.low.count = part.high.count = much;
    finish(estimate);
    return estimate;
}

Estimate nothing()
{
    Estimate estimate = llama70b();
    for (Term& part : estimate.terms) {
        part.bytes = part.low = part.high = {};
        part.children.clear();
    }
    finish(estimate);
    return estimate;
}

Estimate training()
{
    const auto moment = [](std::string_view id, std::string_view label, std::string_view why, double kept,
                           double passing) {
        Moment result{.id = id, .label = label, .why = why};
        result.terms = {term("weights", "Weights", gibs(30), "P · B_w", "16,106,127,360 × 2"),
                        term("optimizer", "Optimizer", gibs(kept), "P · B_o", "1 × 1"),
                        term("activations", "Activations", gibs(passing), "L · s · b · h", "1 × 1")};
        for (const Term& part : result.terms)
            result.total += part.bytes;
        return result;
    };
    auto memory = std::make_shared<TrainingMemory>();
    for (std::int64_t index = 0; index < 2; ++index) {
        TrainingStage stage{.stage = index, .layers = 40, .parameters = 35e9, .in_flight = 2.0 - double(index)};
        const double more = 10.0 * static_cast<double>(index);
        stage.moments = {
            moment("forward_end", "End of forward", "what every layer keeps for the backward pass.", 10, 20 + more),
            moment("optimizer_step", "Optimizer step", "the step's own temporary copies.", 14, 0),
            moment("load", "Load", "the checkpoint is read.", 0, 0)};
        memory->stages.push_back(std::move(stage));
    }
    memory->fullest = 1;
    memory->allocated = memory->peak().total;
    memory->reserved = gibs(72);
    memory->overhead = term("overhead", "Overhead", gibs(0.5), "context", "536,870,912");

    Estimate estimate = llama70b();
    estimate.scenario.task = "train";
    estimate.scenario.hardware.pipeline_parallel = 2;
    estimate.terms = memory->peak().terms;
    estimate.terms.push_back(memory->overhead);
    estimate.training = std::move(memory);
    finish(estimate);
    return estimate;
}

EstimatePointer shared(Estimate estimate)
{
    return std::make_shared<const Estimate>(std::move(estimate));
}

} // namespace weighbridge::sample
