#pragma once

#include "core/memory/term.h"
#include "core/model/model.h"
#include "core/quantity/formula.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A figure of speed with the range that holds 9 of 10 measurements which the constants were not fitted on.
struct SpeedFigure
{
    double value = 0;
    double low = 0;
    double high = 0;
    Basis basis = Basis::calibrated; ///< derived, calibrated or assumed

    bool operator==(const SpeedFigure&) const = default;
};

/// A part of a step. Seconds.
struct SpeedTerm
{
    std::string_view id;    ///< "weights", "cache", "attention", "experts", "kernels", "links", "step", "sequences"
    std::string_view label; ///< English; the window translates it
    double seconds = 0;
    Formula formula; ///< of `seconds`; empty when made without text

    bool operator==(const SpeedTerm&) const = default;
};

/// Which rows of the tables of constants a speed comes from.
struct SpeedConstants
{
    std::string_view engine_class;   ///< "vllm", "trtllm-cpp"
    std::string_view hardware_class; ///< "hopper", "amd_strix"
    std::string_view of;             ///< when they were fitted: "2026-11"
    int records = 0;                 ///< of that engine class, that they were fitted on

    bool operator==(const SpeedConstants&) const = default;
};

/// How fast, of one scenario. Figures are nothing where nobody knows; `issues` say why.
struct Speed
{
    std::optional<SpeedFigure> decode_step_seconds;           ///< of all running sequences, without a prompt
    std::optional<SpeedFigure> time_to_first_token_seconds;   ///< mean, waiting included
    std::optional<SpeedFigure> time_per_output_token_seconds; ///< mean after the first
    std::optional<SpeedFigure> end_to_end_seconds;            ///< mean of a request
    std::optional<SpeedFigure> prefill_tokens_per_second;     ///< of one request, without waiting and cached tokens
    std::optional<SpeedFigure> decode_tokens_per_second;      ///< of one sequence
    std::optional<SpeedFigure> output_tokens_per_second;      ///< of all requests, prompts' time included
    std::optional<SpeedFigure> output_tokens_per_second_per_gpu;
    std::optional<SpeedFigure> requests_per_second; ///< that finish
    bool training = false;                          ///< it has the figures of training, not those above
    std::optional<SpeedFigure> train_step_seconds;  ///< one optimizer step, accumulation included
    std::optional<SpeedFigure> train_tokens_per_second;
    std::optional<SpeedFigure> train_tokens_per_second_per_gpu;
    std::optional<SpeedFigure> model_flops_utilization; ///< of the dense BF16 peak, without recomputation

    double running_requests = 0;
    double waiting_requests = 0;
    std::int64_t gpus = 1;                ///< workers for prompts included
    std::string_view bound;               ///< id of the largest term
    std::vector<SpeedTerm> terms;         ///< of decode_step_seconds, or of train_step_seconds
    std::vector<SpeedTerm> prefill_terms; ///< of reading one prompt
    SpeedConstants constants;
    std::vector<Issue> issues; ///< with field "speed"
};

/// No figure, with a warning that says why.
Speed unknown_speed(const std::string& why);

/// Adds what takes time, with its formula.
void add_term(std::vector<SpeedTerm>& terms, std::string_view id, std::string_view label, Traced seconds);
/// The terms of a step, added up.
double sum_of(const std::vector<SpeedTerm>& terms);
/// The id of the largest one; empty where there is none.
std::string_view largest_of(const std::vector<SpeedTerm>& terms);

} // namespace weighbridge
