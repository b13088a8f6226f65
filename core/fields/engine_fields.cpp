#include "core/fields/engine_fields.h"

namespace weighbridge {

namespace {

/// The rows from `first` on belong to these engines.
void owned_by(std::vector<ScenarioField>& fields, std::size_t first, const std::vector<std::string_view>& engines)
{
    for (std::size_t row = first; row < fields.size(); ++row)
        fields[row].engines = engines;
}

void add_shared(std::vector<ScenarioField>& fields)
{
    fields.push_back(
        {.key = "inference.total_memory_bytes",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.total_memory_bytes; },
         .minimum = 1,
         .maximum = bytes_at_most,
         .unit = CountUnit::bytes,
         .engines = {"vllm", "sglang"}});
}

void add_vllm(std::vector<ScenarioField>& fields)
{
    const std::size_t first = fields.size();
    fields.push_back(
        {.key = "inference.max_model_len",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.vllm.max_model_len; },
         .minimum = 1,
         .maximum = tokens_at_most});
    fields.push_back(
        {.key = "inference.max_num_seqs",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.vllm.max_num_seqs; },
         .minimum = 1,
         .maximum = sequences_at_most});
    fields.push_back(
        {.key = "inference.max_num_batched_tokens",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.vllm.max_num_batched_tokens; },
         .minimum = 1,
         .maximum = tokens_at_most});
    fields.push_back(
        {.key = "inference.gpu_memory_utilization",
         .slot = +[](Scenario& s) -> std::optional<double>& { return s.inference.vllm.gpu_memory_utilization; },
         .minimum = 0,
         .maximum = 1,
         .above_minimum = true});
    fields.push_back(
        {.key = "inference.kv_cache_memory_bytes",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.vllm.kv_cache_memory_bytes; },
         .minimum = 1,
         .maximum = bytes_at_most,
         .unit = CountUnit::bytes});
    fields.push_back({.key = "inference.enforce_eager",
                      .slot = +[](Scenario& s) -> bool& { return s.inference.vllm.enforce_eager; }});
    fields.push_back({.key = "inference.block_size",
                      .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.vllm.block_size; },
                      .minimum = 1,
                      .maximum = 65536});
    fields.push_back({.key = "inference.enable_prefix_caching", .slot = +[](Scenario& s) -> std::optional<bool>& {
                          return s.inference.vllm.enable_prefix_caching;
                      }});
    fields.push_back(
        {.key = "inference.decode_context_parallel_size",
         .slot = +[](Scenario& s) -> std::int64_t& { return s.inference.vllm.decode_context_parallel_size; },
         .minimum = 1,
         .maximum = ranks_at_most});
    fields.push_back({.key = "inference.num_speculative_tokens",
                      .slot = +[](Scenario& s) -> std::int64_t& { return s.inference.vllm.num_speculative_tokens; },
                      .minimum = 0,
                      .maximum = 1024});
    fields.push_back({.key = "inference.enable_expert_parallel",
                      .slot = +[](Scenario& s) -> bool& { return s.inference.vllm.enable_expert_parallel; }});
    fields.push_back(
        {.key = "inference.data_parallel_size",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.vllm.data_parallel_size; },
         .minimum = 1,
         .maximum = ranks_at_most});
    owned_by(fields, first, {"vllm"});
}

void add_sglang(std::vector<ScenarioField>& fields)
{
    const std::size_t first = fields.size();
    fields.push_back(
        {.key = "inference.mem_fraction_static",
         .slot = +[](Scenario& s) -> std::optional<double>& { return s.inference.sglang.mem_fraction_static; },
         .minimum = 0,
         .maximum = 1,
         .above_minimum = true});
    fields.push_back(
        {.key = "inference.context_length",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.sglang.context_length; },
         .minimum = 1,
         .maximum = tokens_at_most});
    fields.push_back(
        {.key = "inference.chunked_prefill_size",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.sglang.chunked_prefill_size; },
         .minimum = -1,
         .maximum = tokens_at_most});
    fields.push_back(
        {.key = "inference.cuda_graph_max_bs",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.sglang.cuda_graph_max_bs; },
         .minimum = 0,
         .maximum = sequences_at_most});
    fields.push_back({.key = "inference.enable_dp_attention",
                      .slot = +[](Scenario& s) -> bool& { return s.inference.sglang.enable_dp_attention; }});
    owned_by(fields, first, {"sglang"});
}

void add_llama_cpp(std::vector<ScenarioField>& fields)
{
    const std::size_t first = fields.size();
    fields.push_back({.key = "inference.n_ctx",
                      .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.llama_cpp.n_ctx; },
                      .minimum = 1,
                      .maximum = tokens_at_most});
    fields.push_back(
        {.key = "inference.n_batch",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.llama_cpp.n_batch; },
         .minimum = 1,
         .maximum = tokens_at_most});
    fields.push_back(
        {.key = "inference.n_ubatch",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.llama_cpp.n_ubatch; },
         .minimum = 1,
         .maximum = tokens_at_most});
    fields.push_back(
        {.key = "inference.n_seq_max",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.llama_cpp.n_seq_max; },
         .minimum = 1,
         .maximum = sequences_at_most});
    fields.push_back({.key = "inference.kv_unified",
                      .slot = +[](Scenario& s) -> std::optional<bool>& { return s.inference.llama_cpp.kv_unified; }});
    fields.push_back({.key = "inference.flash_attn",
                      .slot = +[](Scenario& s) -> std::optional<bool>& { return s.inference.llama_cpp.flash_attn; }});
    fields.push_back({.key = "inference.swa_full",
                      .slot = +[](Scenario& s) -> std::optional<bool>& { return s.inference.llama_cpp.swa_full; }});
    fields.push_back(
        {.key = "inference.n_gpu_layers",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.llama_cpp.n_gpu_layers; },
         .minimum = -1,
         .maximum = 1000000});
    fields.push_back(
        {.key = "inference.n_cpu_moe",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.llama_cpp.n_cpu_moe; },
         .minimum = 0,
         .maximum = 1000000});
    fields.push_back({.key = "inference.mla",
                      .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.llama_cpp.mla; },
                      .minimum = 0,
                      .maximum = 3});
    owned_by(fields, first, {"llama.cpp"});
}

void add_transformers(std::vector<ScenarioField>& fields)
{
    const std::size_t first = fields.size();
    fields.push_back({.key = "inference.attn_implementation",
                      .slot = +[](Scenario& s) -> std::string& { return s.inference.transformers.attn_implementation; },
                      .choices = {"eager", "sdpa", "flash_attention_2"}});
    fields.push_back(
        {.key = "inference.input_tokens",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.transformers.input_tokens; },
         .minimum = 1,
         .maximum = tokens_at_most});
    fields.push_back(
        {.key = "inference.output_tokens",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.transformers.output_tokens; },
         .minimum = 0,
         .maximum = tokens_at_most});
    fields.push_back(
        {.key = "inference.batch_size",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.transformers.batch_size; },
         .minimum = 1,
         .maximum = sequences_at_most});
    fields.push_back(
        {.key = "inference.logits_to_keep",
         .slot = +[](Scenario& s) -> std::optional<std::int64_t>& { return s.inference.transformers.logits_to_keep; },
         .minimum = 0,
         .maximum = tokens_at_most});
    owned_by(fields, first, {"transformers"});
}

} // namespace

void add_engine_fields(std::vector<ScenarioField>& fields)
{
    add_shared(fields);
    add_vllm(fields);
    add_sglang(fields);
    add_llama_cpp(fields);
    add_transformers(fields);
}

} // namespace weighbridge
