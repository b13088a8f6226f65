#include "core/training/names.h"

#include "core/quantity/nearest.h"
#include "core/training/adapters.h"
#include "core/training/framework.h"
#include "core/training/optimizer.h"
#include "core/training/recomputation.h"
#include "core/training/trainer.h"

#include <array>
#include <cctype>
#include <utility>
#include <vector>

namespace weighbridge {

namespace {

using Alias = std::pair<std::string_view, std::string_view>;

/// Lower case, without "_", "-", "." and spaces: "PagedAdamW8bit" and "paged_adamw_8bit" are the same.
std::string folded(std::string_view text)
{
    std::string plain;
    for (const char letter : text)
        if (letter != '_' && letter != '-' && letter != '.' && letter != ' ')
            plain += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return plain;
}

template<class Ids>
std::string_view found_in(const Ids& ids, std::span<const Alias> aliases, std::string_view text)
{
    const std::string typed = folded(text);
    for (const std::string_view id : ids)
        if (folded(id) == typed)
            return id;
    for (const auto& [alias, id] : aliases)
        if (folded(alias) == typed)
            return id;
    return {};
}

Error no_such(std::string_view text, std::string_view what, std::span<const std::string_view> known)
{
    return {"", in_quotes(text) + " is no " + std::string(what) + "; the nearest is \"" +
                    std::string(nearest_name(text, known, Nearness::any)) + "\""};
}

} // namespace

Result<std::string> canonical_optimizer(std::string_view text)
{
    // transformers training_args.py OptimizerNames, bitsandbytes and torchao class names.
    static constexpr std::array<Alias, 24> aliases = {{{"adam", "adamw"},
                                                       {"adamw_apex_fused", "adamw_torch_fused"},
                                                       {"fused_adam", "adamw_torch_fused"},
                                                       {"deepspeed_cpu_adam", "cpu_adam"},
                                                       {"deepspeedcpuadam", "cpu_adam"},
                                                       {"schedule_free", "schedule_free_adamw"},
                                                       {"adamw_schedule_free", "schedule_free_adamw"},
                                                       {"ademamix_bnb", "ademamix"},
                                                       {"adamw_hf", "adamw"},
                                                       {"adamw_bf16", "adamw"},
                                                       {"adamw_bnb_8bit", "adamw_8bit"},
                                                       {"adam_8bit", "adamw_8bit"},
                                                       {"adamw8bit", "adamw_8bit"},
                                                       {"adamw_torch_8bit", "adamw_8bit"},
                                                       {"adamw_torch_4bit", "adamw_4bit"},
                                                       {"adamwfp8", "adamw_fp8"},
                                                       {"paged_adamw_32bit", "paged_adamw"},
                                                       {"pagedadamw8bit", "paged_adamw_8bit"},
                                                       {"momentum", "sgd_momentum"},
                                                       {"galore_adamw", "galore"},
                                                       {"galore_adamw_8bit", "galore_8bit"},
                                                       {"apollo_adamw", "apollo"},
                                                       {"adalomo", "lomo"},
                                                       {"adamini", "adam_mini"}}};
    std::vector<std::string_view> ids;
    ids.reserve(optimizers().size());
    for (const Optimizer& optimizer : optimizers())
        ids.push_back(optimizer.id);
    if (const std::string_view id = found_in(ids, aliases, text); !id.empty())
        return std::string(id);
    return no_such(text, "optimizer", ids);
}

Result<std::string> canonical_state_dtype(std::string_view text)
{
    static constexpr std::array<Alias, 7> aliases = {{{"float32", "fp32"},
                                                      {"bfloat16", "bf16"},
                                                      {"float16", "fp16"},
                                                      {"8bit", "int8"},
                                                      {"4bit", "int4"},
                                                      {"uint8", "int8"},
                                                      {"float8", "fp8"}}};
    std::vector<std::string_view> ids = {"auto"};
    ids.reserve(state_dtypes().size() + 1);
    for (const StateDtype& dtype : state_dtypes())
        ids.push_back(dtype.id);
    if (const std::string_view id = found_in(ids, aliases, text); !id.empty())
        return std::string(id);
    return no_such(text, "dtype of optimizer states", ids);
}

Result<std::string> canonical_recompute(std::string_view text)
{
    if (text == "true") // "gradient_checkpointing": true
        return std::string("full");
    if (text == "false")
        return std::string("none");
    if (find_recompute(text))
        return std::string(text);
    return Error{"", in_quotes(text) + " is none of none, selective, full, offload, every:K, uniform:K, block:K and "
                                       "layers:N (K and N from 1 to 1,024)"};
}

Result<std::string> canonical_framework(std::string_view text)
{
    static constexpr std::array<Alias, 14> aliases = {{{"peft", "hf_trainer"},
                                                       {"accelerate", "hf_trainer"},
                                                       {"transformers", "hf_trainer"},
                                                       {"huggingface", "hf_trainer"},
                                                       {"fsdp", "pytorch"},
                                                       {"torch", "pytorch"},
                                                       {"nemo", "megatron"},
                                                       {"megatron_lm", "megatron"},
                                                       {"megatron_core", "megatron"},
                                                       {"megatron_bridge", "megatron"},
                                                       {"primus", "megatron"},
                                                       {"nemo_automodel", "automodel"},
                                                       {"swift", "ms_swift"},
                                                       {"mlx_lm", "mlx"}}};
    std::vector<std::string_view> ids;
    ids.reserve(frameworks().size());
    for (const Framework& framework : frameworks())
        ids.push_back(framework.id);
    if (const std::string_view id = found_in(ids, aliases, text); !id.empty())
        return std::string(id);
    return std::string(text);
}

Result<std::string> canonical_trainer(std::string_view text)
{
    static constexpr std::array<Alias, 5> aliases = {{{"rm", "reward"},
                                                      {"pt", "pretrain"},
                                                      {"rlhf", "grpo"},
                                                      {"simpo", "cpo"},
                                                      {"sequence_classification", "classification"}}};
    constexpr std::string_view class_name = "trainer"; // "DPOTrainer"
    std::string plain = folded(text);
    if (plain.ends_with(class_name) && plain.size() > class_name.size())
        plain.resize(plain.size() - class_name.size());
    std::vector<std::string_view> ids = {"auto"};
    for (const Trainer& trainer : trainers())
        ids.push_back(trainer.id);
    if (const std::string_view id = found_in(ids, aliases, plain); !id.empty())
        return std::string(id);
    return std::string(text);
}

Result<std::string> canonical_target(std::string_view text)
{
    static constexpr std::array<Alias, 4> aliases = {
        {{"all-linear", "all_linear"}, {"embed_tokens", "embeddings"}, {"wte", "embeddings"}, {"output", "lm_head"}}};
    for (const std::string_view name : target_names())
        if (name == text)
            return std::string(name);
    if (const std::string_view id = found_in(target_names(), aliases, text); !id.empty())
        return std::string(id);
    return no_such(text, "role or module", target_names());
}

Result<std::string> canonical_attention(std::string_view text)
{
    return std::string(text == "flash_attention_2" || text == "flash_attention_3" ? "flash" : text);
}

} // namespace weighbridge
