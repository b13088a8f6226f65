#pragma once

#include "core/engines/plan.h"
#include "core/scenario/scenario.h"
#include "core/speed/requests.h"

#include <optional>
#include <vector>

namespace weighbridge {

struct Question;

/// What keeps a workload from having an answer: contradictions of its keys, and lengths that a typed sequence length
/// does not hold.
std::vector<Issue> check_requests(const Scenario& scenario);

/// The workload stands for what was left out of inference.*: the length of a sequence is that of prompt and answer.
void take_lengths(Scenario& scenario);

/// The same of the sequences at a time: the least of the requests in flight, what the engine lets run and what its
/// cache holds. Nothing where somebody chose them, or there is no such workload.
std::optional<std::int64_t> running_sequences(const Scenario& scenario, const Plan& plan);

/// Mean lengths and numbers, what was left out worked out; `tokens` is the length of a sequence in use.
RequestLoad request_load(const Scenario& scenario, std::int64_t tokens);

/// Writes into the scenario what request_load() took for keys left out.
void fill_workload(Scenario& used, const RequestLoad& load);

/// Share of the given lengths that requests have on average; nothing where the text is no spread.
std::optional<double> mean_share(std::string_view length_spread);

} // namespace weighbridge
