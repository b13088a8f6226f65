// Any bytes as a config.json: a model or a message, never a crash; a model has positive, consistent counts and an
// estimate that is a figure or a message.

#include "core/estimate/estimate.h"
#include "core/sources/hf_config.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

weighbridge::Accelerator card()
{
    weighbridge::Accelerator accelerator;
    accelerator.id = "custom";
    accelerator.name = "fuzz";
    accelerator.capacity = {std::int64_t{80} << 30};
    accelerator.bandwidth_gbs = 1000;
    accelerator.tflops.bf16 = 100;
    return accelerator;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace weighbridge;
    if (size == 0)
        return 0;
    ImportOptions options;
    if ((data[0] & 1) != 0)
        options.read_as = llama_like;
    else if (const auto names = known_families(); data[0] / 2 < names.size())
        options.read_as = names[data[0] / 2];
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto model = import_config_text(text, "fuzz", options);
    if (!model) {
        require(!model.error().message.empty());
        return 0;
    }
    const ParameterCounts& counts = (*model)->parameters;
    require(counts.total > 0 && counts.active >= 0 && counts.active <= counts.total);
    Question question;
    question.model = *model;
    question.accelerator = card();
    question.comparisons = std::make_shared<const std::vector<Accelerator>>();
    const auto result = estimate(question, Detail::full);
    require(!result ||
            ((*result)->total.count > 0 && (*result)->low <= (*result)->total && (*result)->total <= (*result)->high));
    return 0;
}
