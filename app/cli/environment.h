#pragma once

#include "core/estimate.h"
#include "core/quantity/result.h"

#include <functional>
#include <string>

namespace weighbridge {

/// A config.json from the Hub, and what people should know about how it came ("the copy of 3 May, since ...").
struct FetchedConfig
{
    std::string bytes;
    std::string note; ///< empty where it came fresh from the Hub
};

/// What the command line can't do by itself, since it links neither Qt nor the network. An empty function means that
/// this build can't do it, which is then said in words.
struct Environment
{
    /// The config.json of "org/name" or "org/name@revision" on the Hugging Face Hub.
    std::function<Result<FetchedConfig>(const std::string& reference)> fetch_config;
    /// Draws the estimate into a .png, .svg or .pdf file, through a temporary one.
    std::function<Outcome(const Estimate& estimate, const std::string& path)> write_picture;
};

/// docs/scenario.md documents these.
enum class ExitStatus
{
    done = 0,
    does_not_fit = 1,
    unusable = 2,
    network_failed = 3,
};

} // namespace weighbridge
