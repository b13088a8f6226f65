#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// Why an engine will not do what is asked of it, in words for the person who asked: that it can't run it at all, or
/// that it insists on more than there is before it starts.
struct Refusal
{
    std::string_view rule;                ///< id: "accelerator", "weights", "kv_cache", "max_model_len"
    std::string text;                     ///< a sentence without a full stop: "llama.cpp can't load AWQ"
    std::vector<std::string_view> keys{}; ///< of the scenario, that decide it
    std::string_view source;              ///< documentation or source file of the engine
    double needed = 0; ///< bytes on one GPU that it would take to start; 0 where memory is not the reason
    double usable = 0; ///< of that GPU

    bool operator==(const Refusal&) const = default;
};

} // namespace weighbridge
