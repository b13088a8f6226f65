#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// Why an engine will not do what is asked of it, in words for the person who asked.
struct Refusal
{
    std::string rule;                   ///< id: "accelerator", "weights", "kv_cache", "max_model_len"
    std::string text;                   ///< a sentence without a full stop: "llama.cpp can't load AWQ"
    std::vector<std::string_view> keys; ///< of the scenario, that decide it; literals
    std::string source;                 ///< documentation or source file of the engine

    bool operator==(const Refusal&) const = default;
};

} // namespace weighbridge
