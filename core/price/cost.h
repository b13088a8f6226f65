#pragma once

#include "core/hardware/accelerator.h"
#include "core/model/model.h"
#include "core/price/bundled_prices.h"
#include "core/scenario/scenario.h"
#include "core/speed/requests.h"
#include "core/speed/speed.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge {

/// A figure that is as uncertain as the speed it is made of.
struct CostFigure
{
    double value = 0;
    double low = 0;
    double high = 0;

    bool operator==(const CostFigure&) const = default;
};

/// What a setup costs. In `hour.currency`.
struct Price
{
    HourPrice hour; ///< of one accelerator; of several kinds, on average
    double per_hour = 0;
    std::optional<CostFigure> per_million_output_tokens; ///< every cost on the answers
    std::optional<CostFigure> per_million_input_tokens;  ///< every cost on the prompts, cached tokens included
    std::optional<CostFigure> per_million_cached_tokens; ///< every cost on the cached ones; nothing without any
    std::optional<CostFigure> per_million_tokens;        ///< prompts and answers together; of training those trained on
    std::optional<CostFigure> per_request;
    std::optional<CostFigure> per_run; ///< of training, with a length of the run
    std::optional<bool> old;           ///< more than 90 days; nothing where a date is not known
    bool owned = false;
};

/// What the accelerators take, without the machine around them. Assumed: no record measures it.
struct Energy
{
    CostFigure watts; ///< of all accelerators, while they work
    std::optional<CostFigure> joules_per_output_token;
    std::optional<CostFigure> watt_hours_per_million_output_tokens;
    std::optional<CostFigure> kilowatt_hours_per_run;
};

/// A training run of a stated length.
struct TrainingRun
{
    double tokens = 0;
    std::optional<CostFigure> seconds;
};

/// Price, energy and, of training, the run. What nobody knows is nothing; `issues` say why where somebody asked.
struct Cost
{
    std::optional<Price> price;
    std::optional<Energy> energy;
    std::optional<TrainingRun> run;
    std::vector<Issue> issues;
};

/// Accelerators of each kind, and how many.
using Cards = std::vector<std::pair<const Accelerator*, double>>;

/// What a cost is made of.
struct CostQuestion
{
    const Scenario* scenario = nullptr; ///< price, owned, length of a training run
    const Speed* speed = nullptr;
    Cards cards;
    RequestLoad load;       ///< of inference
    std::string_view today; ///< "2026-12-01"; empty: not known
};

Cost cost_of(const CostQuestion& question);

/// An hour of one accelerator by the scenario's price, what is owned or the bundled prices; `watts` of one at work.
std::optional<HourPrice> hour_price(const PriceChoice& price, const OwnedChoice& owned, const Accelerator& accelerator,
                                    std::optional<double> watts);

/// Tokens of the whole run; nothing where nobody says how long it is.
std::optional<double> run_tokens(const TrainingChoice& training);

/// Share of the board's power that one takes while it works: idle 0.3, and what memory and arithmetic add while they
/// are busy (docs/price.md).
CostFigure power_share(const Speed& speed);

} // namespace weighbridge
