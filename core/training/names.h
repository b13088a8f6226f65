#pragma once

#include "core/quantity/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace weighbridge {

/// Spellings of fine_tune.* and train.* as scenarios keep them. Each takes what frameworks' own options say as well
/// ("adamw_torch", "PagedAdamW8bit", "q_proj") and names the nearest known one in its error.
Result<std::string> canonical_optimizer(std::string_view text);
Result<std::string> canonical_state_dtype(std::string_view text);
Result<std::string> canonical_recompute(std::string_view text);
/// "trl" is a row of its own, "accelerate" is hf_trainer, "nemo" is megatron. Others are handed back as they are.
Result<std::string> canonical_framework(std::string_view text);
/// "DPOTrainer" and "rm" as well. Others than the known ones are handed back as they are.
Result<std::string> canonical_trainer(std::string_view text);
Result<std::string> canonical_target(std::string_view text);
/// Others than the known ones are handed back as they are.
Result<std::string> canonical_attention(std::string_view text);

} // namespace weighbridge
