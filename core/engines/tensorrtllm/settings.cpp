#include "core/engines/tensorrtllm/settings.h"

#include "core/engines/inference.h"

#include <algorithm>

namespace weighbridge::tensorrt_llm {

namespace {

constexpr std::int64_t usual_batch = 2048, usual_tokens = 8192, usual_graph_batch = 128;

/// Until 0.16 engines had blocks of 64 tokens, as their logs print.
std::int64_t usual_block(EngineVersion version)
{
    constexpr EngineVersion finer{0, 17};
    return version < finer ? 64 : 32;
}

} // namespace

Settings settings_of(const InferenceInputs& load)
{
    const InferenceChoice& choice = *load.choice;
    const TensorRtLlmOptions& options = choice.tensorrt_llm;
    constexpr EngineVersion newest{9999, 0}, pytorch_by_default{1, 0};
    Settings settings;
    settings.version = read_version(choice.engine_version, newest);
    settings.built_engine = choice.served.engine_backend ? *choice.served.engine_backend == "tensorrt"
                                                         : settings.version < pytorch_by_default;
    settings.total_memory = reported_memory(load);
    settings.in_use = load.memory_in_use;
    settings.fraction = options.free_gpu_memory_fraction;
    settings.max_batch_size = choice.served.max_batch_size.value_or(usual_batch);
    settings.max_num_tokens = options.max_num_tokens.value_or(usual_tokens);
    const std::int64_t longest = load.model->architecture.max_position_embeddings;
    settings.max_seq_len =
        choice.served.max_seq_len.value_or(longest > 0 ? longest : std::max(load.sequence_length, usual_tokens));
    settings.tokens_per_block = options.tokens_per_block.value_or(usual_block(settings.version));
    settings.graph_batch = settings.built_engine ? options.cuda_graph_max_batch_size.value_or(0)
                                                 : options.cuda_graph_max_batch_size.value_or(usual_graph_batch);
    settings.beams = options.max_beam_width;
    settings.drafted = options.max_draft_len;
    const bool spreads = options.enable_attention_dp && load.tensor_parallel > 1;
    settings.attention_ranks = spreads ? 1 : load.tensor_parallel;
    // The replicas of attention data parallelism may be typed in as well: they are no further GPUs.
    const std::int64_t copies = spreads ? std::max<std::int64_t>(1, load.hardware->data_parallel / load.tensor_parallel)
                                        : load.hardware->data_parallel;
    settings.replicas = (spreads ? load.tensor_parallel : 1) * copies;
    settings.max_tokens = options.max_tokens;
    settings.max_bytes = options.max_gpu_total_bytes;
    for (const double window : options.max_attention_window)
        settings.windows.push_back(static_cast<std::int64_t>(window));
    constexpr double bits_per_byte = 8;
    settings.model_bytes = load.activations.bits / bits_per_byte;
    return settings;
}

InferenceInputs with_sharding(InferenceInputs load, const Settings& settings)
{
    ShardingRules& rules = load.sharding;
    rules.embedding_ranks = 1;
    rules.whole_experts = load.hardware->expert_parallel > 1;
    rules.replicas = settings.replicas;
    if (settings.attention_ranks != load.tensor_parallel)
        rules.attention_ranks = rules.head_ranks = settings.attention_ranks;
    return load;
}

} // namespace weighbridge::tensorrt_llm
