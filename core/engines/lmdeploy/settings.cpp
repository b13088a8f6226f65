#include "core/engines/lmdeploy/settings.h"

#include "core/engines/inference.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace weighbridge::lmdeploy {

namespace {

/// What SUPPORTED_ARCHS of LMDeploy 0.16 names, by model_type.
constexpr std::array<std::string_view, 20> turbomind_families = {
    "codellama", "generic",     "glm4_moe_lite", "gpt_oss",          "internlm2", "internlm3", "internvl",
    "llama",     "mixtral",     "qwen2",         "qwen2_5_vl",       "qwen2_moe", "qwen2_vl",  "qwen3",
    "qwen3_5",   "qwen3_5_moe", "qwen3_5_text",  "qwen3_5_moe_text", "qwen3_moe", "yi"};

/// The engine looks for these in the card's name (lmdeploy/utils.py, get_max_batch_size).
std::int64_t usual_batch(const Accelerator* card)
{
    struct Named
    {
        std::string_view card;
        std::int64_t batch;
    };
    constexpr std::array<Named, 5> cards = {
        {{"a100", 384}, {"a800", 384}, {"h100", 1024}, {"h800", 1024}, {"h200", 1024}}};
    constexpr std::int64_t others = 128;
    if (card == nullptr)
        return others;
    std::string name = card->card_name();
    std::transform(name.begin(), name.end(), name.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
    });
    const auto found = std::find_if(cards.begin(), cards.end(),
                                    [&](const Named& named) { return name.find(named.card) != std::string::npos; });
    return found != cards.end() ? found->batch : others;
}

/// Heads of 512 numbers make blocks of 32 tokens in the PyTorch engine (executor/base.py, _adjust_block_size).
std::int64_t block_for(const Settings& settings, const Model& model)
{
    constexpr std::int64_t wide_head = 512, small_block = 32;
    const bool wide =
        !settings.turbomind && std::any_of(model.cache.begin(), model.cache.end(), [](const CacheRun& run) {
            return run.kind != CacheKind::state && run.kind != CacheKind::compressed && run.key_dim >= wide_head;
        });
    return wide ? std::min(settings.block, small_block) : settings.block;
}

} // namespace

bool turbomind_knows(const Architecture& architecture)
{
    return std::find(turbomind_families.begin(), turbomind_families.end(), architecture.family) !=
           turbomind_families.end();
}

Settings settings_of(const InferenceInputs& load)
{
    constexpr EngineVersion newest{9999, 0}, of_free{0, 2}, finer{0, 3};
    constexpr std::string_view last_of_all = "0.2.0";
    constexpr double share_of_whole = 0.5;
    constexpr std::int64_t coarse_block = 128;
    const InferenceChoice& choice = *load.choice;
    const LmDeployOptions& options = choice.lmdeploy;
    Settings settings;
    settings.version = read_version(choice.engine_version, newest);
    settings.turbomind = choice.served.engine_backend ? *choice.served.engine_backend == "turbomind"
                                                      : turbomind_knows(load.model->architecture);
    settings.total_memory = reported_memory(load);
    settings.in_use = load.memory_in_use;
    settings.share_of_all = settings.version < of_free || choice.engine_version.find(last_of_all) != std::string::npos;
    settings.share = options.cache_max_entry_count.value_or(settings.share_of_all ? share_of_whole : settings.share);
    if (settings.share > 1)
        settings.blocks = static_cast<std::int64_t>(settings.share);
    settings.block = options.cache_block_seq_len.value_or(settings.version < finer ? coarse_block : settings.block);
    settings.block = block_for(settings, *load.model);
    settings.max_batch_size = choice.served.max_batch_size.value_or(usual_batch(load.accelerator));
    settings.max_prefill_tokens = options.max_prefill_token_num.value_or(settings.max_prefill_tokens);
    const std::int64_t longest = load.model->architecture.max_position_embeddings;
    settings.session_len = options.session_len.value_or(longest > 0 ? longest : load.sequence_length);
    constexpr double bits_per_byte = 8;
    settings.model_bytes = load.activations.bits / bits_per_byte;
    return settings;
}

} // namespace weighbridge::lmdeploy
