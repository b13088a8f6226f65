#include "core/training/trainer.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

constexpr std::array<Trainer, 14> trainer_rows = {{
    {.id = "sft", .label = "Supervised", .source = "trl sft_trainer.py"},
    {.id = "pretrain", .label = "Pretraining", .source = "every token is predicted"},
    {.id = "dpo",
     .label = "DPO",
     .sequences = 2,
     .reference = true,
     .source = "trl dpo_trainer.py: one forward pass of chosen and rejected, the reference's before it"},
    {.id = "kto", .label = "KTO", .reference = true, .source = "trl kto_trainer.py: one completion per row"},
    {.id = "orpo", .label = "ORPO", .sequences = 2, .source = "trl orpo_trainer.py: no reference"},
    {.id = "cpo", .label = "CPO", .sequences = 2, .source = "trl cpo_trainer.py: no reference"},
    {.id = "reward",
     .label = "Reward model",
     .sequences = 2,
     .logits = LogitsOf::none,
     .source = "trl reward_trainer.py: chosen and rejected, one score each"},
    {.id = "grpo",
     .label = "GRPO",
     .logits = LogitsOf::completion,
     .reference = true,
     .beta = 0,
     .generates = true,
     .source = "trl grpo_trainer.py: the micro batch counts completions; logits_to_keep; beta 0 needs no reference"},
    {.id = "ppo",
     .label = "PPO",
     .logits = LogitsOf::completion,
     .reference = true,
     .beta = 0.05,
     .generates = true,
     .critic = true,
     .source = "trl ppo_trainer.py: policy and critic in one backward pass, reference and reward model frozen"},
    {.id = "online_dpo",
     .label = "Online DPO",
     .sequences = 2,
     .logits = LogitsOf::completion,
     .reference = true,
     .generates = true,
     .source = "trl online_dpo_trainer.py: two completions of a prompt"},
    {.id = "distillation",
     .label = "Distillation",
     .teacher = true,
     .loss = "divergence",
     .source = "trl gkd_trainer.py: the teacher's logits beside the network's own"},
    {.id = "rloo",
     .label = "RLOO",
     .logits = LogitsOf::completion,
     .reference = true,
     .beta = 0.05,
     .generates = true,
     .source = "trl rloo_trainer.py"},
    {.id = "classification",
     .label = "Classification",
     .logits = LogitsOf::none,
     .source = "transformers ...ForSequenceClassification: a few scores per sequence"},
    {.id = "embedding",
     .label = "Embedding",
     .logits = LogitsOf::none,
     .source = "sentence-transformers: one vector per sequence"},
}};

} // namespace

std::span<const Trainer> trainers()
{
    return trainer_rows;
}

const Trainer* find_trainer(std::string_view id)
{
    const auto* row =
        std::find_if(trainer_rows.begin(), trainer_rows.end(), [&](const Trainer& known) { return known.id == id; });
    return row == trainer_rows.end() ? nullptr : row;
}

} // namespace weighbridge
