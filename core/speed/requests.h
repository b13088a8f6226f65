#pragma once

#include "core/speed/step_time.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace weighbridge {

enum class Arrival
{
    closed, ///< so many at a time: the next is sent when one ends
    open,   ///< so many a second
    batch,  ///< all start together and run to the end of the longest
    burst,  ///< all are sent at once, and the time to finish all counts
};

/// What is asked of a server, means. Tokens, requests.
struct RequestLoad
{
    Arrival arrival = Arrival::closed;
    double prompt = 0; ///< cached tokens included
    double answer = 1;
    double cached = 0;
    double concurrent = 1;     ///< in flight, waiting ones included; with open arrivals not read
    double per_second = 0;     ///< of open arrivals
    double requests = 0;       ///< in all; 0: many
    bool equal_lengths = true; ///< every request has the mean ones

    double context() const { return prompt + answer / 2; }
    /// Prompt tokens that are read; one at least.
    double unread() const { return std::max(1.0, prompt - cached); }
};

/// Workers that read prompts and nothing else.
struct PrefillPool
{
    double workers = 1;
    WorkerLayout layout;
};

/// What a server runs on and keeps to.
struct Server
{
    const StepTime* steps = nullptr;
    const EnginePace* engine = nullptr;
    const StepRates* rates = nullptr;
    double workers = 1;                      ///< that decode
    std::optional<PrefillPool> prefill;      ///< nothing: prompts are read where answers are written
    const StepTime* prefill_steps = nullptr; ///< on such workers
    double budget = 1e6;                     ///< tokens of a step
    double running_limit = 1e9;              ///< sequences of one replica of the attention
    double capacity = 1e9;                   ///< that its cache holds
    double held_steps = 0;                   ///< that a first token is held back
    double gpus = 1;

    double replicas() const { return workers * steps->layout().data; }
};

/// What a request meets, means. Seconds; nothing where a kind of load has no such figure.
struct RequestTimes
{
    double decode_step = 0;
    std::optional<double> first_token;
    std::optional<double> per_token;
    std::optional<double> end_to_end;
    std::optional<double> output_per_second; ///< tokens, of all
    double prefill = 0;                      ///< of one prompt
    double running = 0;                      ///< of all replicas
    double waiting = 0;
    StepLoad step;         ///< of the decode step, on one replica
    double step_times = 1; ///< stages that it goes through
    double step_sequences = 0;
    StepLoad prompt_step;      ///< of one chunk of a prompt
    double prompt_steps = 1;   ///< such chunks, times stages
    bool prompt_apart = false; ///< that chunk is on a worker for prompts
};

/// Little's law for those that decode, waiting by the prompts of others (docs/speed.md).
RequestTimes request_times(const Server& server, const RequestLoad& load);

} // namespace weighbridge
