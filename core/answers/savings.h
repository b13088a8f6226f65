#pragma once

#include "core/quantity/bytes.h"
#include "core/quantity/result.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

struct Question;

/// One option of a training step that, set otherwise, lowers its peak.
struct Saving
{
    std::string field;       ///< dotted key: "train.loss"
    std::string value;       ///< as `set_field` reads it: "chunked"
    std::string_view label;  ///< "a chunked loss"
    std::string_view term;   ///< what it makes smaller: id of a term, "logits"
    Bytes saved;             ///< per GPU, of the total
    Bytes total;             ///< per GPU, with that option
    std::string_view moment; ///< id of the moment that is the largest then
};

/// Each alone, never two together; those that save the most first. Those that save less than 10 MB are left out.
struct Savings
{
    std::vector<Saving> list;
};

using SavingsPointer = std::shared_ptr<const Savings>;

/// What would lower the peak of a training step: the question is asked anew with another loss, recomputation,
/// attention, fused kernels or wider sharding over the data-parallel ranks it has. What is refused or warned of is left
/// out, and so are other losses where the framework has one of its own. Of training only; the error is that of a
/// question without an answer.
Result<SavingsPointer> savings(const Question& question);

} // namespace weighbridge
