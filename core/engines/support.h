#pragma once

#include "core/engines/refusal.h"
#include "core/hardware/accelerator.h"
#include "core/model/model.h"
#include "core/precision/format.h"

#include <string_view>

namespace weighbridge {

enum class Runs
{
    yes,
    unknown, ///< no row says, or a row says that it runs there in a way whose memory is not known here
    no,
};

/// What is asked of the table of resources/engines/support.json: does this engine (or trainer), in this version, run on
/// this accelerator with weights and a cache of these formats?
struct SupportQuery
{
    std::string_view engine; ///< an engine's or a training framework's id
    std::string_view name;   ///< what to call it in sentences: "vLLM"
    std::string_view version;
    const Accelerator* accelerator = nullptr; ///< null, or without a platform (typed in): nothing is said of it
    const Model* model = nullptr;             ///< whose checkpoint is meant where `weights` is "checkpoint"
    const NumberFormat* weights = nullptr;    ///< null: nothing is said of weights
    const NumberFormat* kv_k = nullptr;       ///< the same
    const NumberFormat* kv_v = nullptr;
};

/// The gravest that the table says. Of rows that fit the first one counts; who has no row at all has no limits.
struct Support
{
    Runs runs = Runs::yes;
    Refusal refusal; ///< with `unknown` what is not known; empty with `yes`
};

Support support_of(const SupportQuery& query);

} // namespace weighbridge
