#pragma once

#include "core/engines/support.h"

#include <optional>
#include <string_view>

namespace weighbridge {

struct Question;

/// What the table of engines says of a question, on one accelerator after the other. Refers to the question, which must
/// outlive it. Of names that are not known it says nothing: validate() does.
class QuestionSupport
{
public:
    explicit QuestionSupport(const Question& question);

    Support on(const Accelerator& accelerator) const;

private:
    SupportQuery query_;
    std::optional<NumberFormat> weights_;
    std::optional<NumberFormat> kv_k_;
    std::optional<NumberFormat> kv_v_;
};

} // namespace weighbridge
