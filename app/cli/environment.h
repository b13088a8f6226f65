#pragma once

#include "core/estimate/estimate.h"
#include "core/quantity/result.h"
#include "core/sources/fetched_model.h"

#include <functional>
#include <string>
#include <string_view>

namespace weighbridge {

/// A model from the Hub, and what people should know about how it came ("the copy of 3 May, since ...").
struct HubModel
{
    FetchedModel fetched;
    std::string note; ///< empty where it came fresh from the Hub
};

/// The field of an error of `fetch_model` where the arguments were to blame: no request went out, or the Hub's answer
/// was that something else has to be named.
inline constexpr std::string_view not_fetchable = "hf";

/// What the command line can't do by itself, since it links neither Qt nor the network. An empty function means that
/// this build can't do it, which is then said in words.
struct Environment
{
    /// The model "org/name", "org/name@revision" or "org/name:FILE.gguf" on the Hugging Face Hub: its config.json and
    /// the headers of its weights, or the header of that file.
    std::function<Result<HubModel>(const std::string& reference)> fetch_model;
    /// Draws the estimate into a .png, .svg or .pdf file, through a temporary one.
    std::function<Outcome(const Estimate& estimate, const std::string& path)> write_picture;
    /// "2026-12-01", by which prices are old; empty: not known, and no price is called old.
    std::string today{};
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
