#include "core/estimate/estimate_cost.h"

#include "core/estimate/estimate.h"
#include "core/estimate/workload.h"
#include "core/price/cost.h"

#include <algorithm>

namespace weighbridge {

namespace {

/// Of a list of devices its kinds; else so many of the one, workers for prompts included.
Cards cards_of(const Estimate& result, const Speed& speed, const Question& question)
{
    Cards cards;
    if (question.devices.empty()) {
        cards.emplace_back(&result.accelerator, static_cast<double>(std::max(result.gpus, speed.gpus)));
        return cards;
    }
    for (const Device& device : question.devices)
        cards.emplace_back(&device.accelerator, 1);
    return cards;
}

/// Who is asked what an hour of an accelerator costs.
struct HourChoice
{
    PriceChoice price;
    OwnedChoice owned;
};

/// Of the setup on another card: as many as asked for where they do, else as many as are needed.
void price_fit(Fit& fit, const HourChoice& choice, double share_of_power, double gpus)
{
    if (!does_fit(fit.verdict)) {
        if (!fit.gpus_needed)
            return;
        gpus = static_cast<double>(*fit.gpus_needed);
    }
    const Accelerator& card = fit.accelerator;
    const auto watts = card.board_watts ? std::optional(*card.board_watts * share_of_power) : std::nullopt;
    if (const auto hour = hour_price(choice.price, choice.owned, card, watts))
        fit.price_per_hour = hour->per_accelerator_hour * gpus;
}

/// Of the accelerator asked about; what all of them cost together is of as many as were asked about.
HourChoice own_hour(const Scenario& scenario)
{
    HourChoice own{scenario.price, scenario.owned};
    own.price.per_hour.reset();
    return own;
}

/// Prices that are of the accelerator asked about say nothing of others.
HourChoice hour_of_others(const Scenario& scenario)
{
    HourChoice other;
    other.price.provider = scenario.price.provider;
    other.price.tier = scenario.price.tier;
    return other;
}

} // namespace

Cost cost_of_setup(const Estimate& found, const Speed& speed, const Question& question)
{
    CostQuestion asked;
    asked.scenario = &found.scenario;
    asked.speed = &speed;
    asked.cards = cards_of(found, speed, question);
    asked.today = question.today;
    if (question.scenario.training() == nullptr)
        asked.load = request_load(found.scenario, found.scenario.inference.sequence_length.value_or(1));
    return cost_of(asked);
}

void add_cost(Estimate& result, const Question& question)
{
    auto cost = std::make_shared<Cost>(cost_of_setup(result, *result.speed, question));
    result.issues.insert(result.issues.end(), cost->issues.begin(), cost->issues.end());
    if (cost->price && does_fit(result.fit.verdict))
        result.fit.price_per_hour = cost->price->per_hour;
    const double share = cost->energy ? power_share(*result.speed).value : 1;
    const auto gpus = static_cast<double>(result.gpus);
    const HourChoice own = own_hour(result.scenario);
    if (!does_fit(result.fit.verdict) && question.devices.empty())
        price_fit(result.fit, own, share, gpus);
    const HourChoice others = hour_of_others(result.scenario);
    for (Fit& card : result.cards)
        price_fit(card, card.accelerator.id == result.accelerator.id ? own : others, share, gpus);
    result.cost = std::move(cost);
}

} // namespace weighbridge
