#include "core/price/cost.h"

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

constexpr double seconds_per_hour = 3600;
constexpr double million = 1e6;
constexpr double watts_per_kilowatt = 1e3;
constexpr double usual_pue = 1.2;

/// `amount` x `unit` / a rate: dear where it is slow.
std::optional<CostFigure> over(const CostFigure& amount, const std::optional<SpeedFigure>& rate, double unit)
{
    if (!rate || !(rate->value > 0 && rate->low > 0 && rate->high > 0))
        return std::nullopt;
    return CostFigure{amount.value * unit / rate->value, amount.low * unit / rate->high,
                      amount.high * unit / rate->low};
}

CostFigure same(double value)
{
    return {value, value, value};
}

/// So many tokens of each request.
std::optional<SpeedFigure> tokens_of(const std::optional<SpeedFigure>& requests, double tokens)
{
    if (!requests || !(tokens > 0))
        return std::nullopt;
    return SpeedFigure{requests->value * tokens, requests->low * tokens, requests->high * tokens, requests->basis};
}

double count_of(const Cards& cards)
{
    double count = 0;
    for (const auto& [card, number] : cards)
        count += number;
    return count;
}

/// What an hour of one's own costs: bought for so many hours, and the power it takes in its share of the time.
HourPrice owned_price(const OwnedChoice& owned, const PriceChoice& price, std::optional<double> watts)
{
    constexpr double hours_per_year = 8760;
    const double purchase = *owned.price_per_accelerator / (*owned.years * hours_per_year);
    const double power = watts.value_or(0) / watts_per_kilowatt * owned.duty.value_or(1) *
                         owned.pue.value_or(usual_pue) * owned.power_price_per_kwh.value_or(0);
    return {.per_accelerator_hour = purchase + power,
            .currency = price.currency.value_or("USD"),
            .date = price.date.value_or(""),
            .source = price.source.value_or("owned"),
            .provider = {},
            .tier = "owned"};
}

/// One card after the other; nothing where a price of one is missing.
std::optional<HourPrice> price_of_cards(const CostQuestion& question, double share_of_power)
{
    const PriceChoice& given = question.scenario->price;
    std::optional<HourPrice> all;
    double per_hour = 0;
    const double count = count_of(question.cards);
    for (const auto& [card, number] : question.cards) {
        const std::optional<double> watts =
            card->board_watts ? std::optional(*card->board_watts * share_of_power) : std::nullopt;
        std::optional<HourPrice> one = hour_price(given, question.scenario->owned, *card, watts);
        if (!one)
            return std::nullopt;
        per_hour += one->per_accelerator_hour * number;
        if (all && all->source != one->source)
            one->source = all->source + "; " + one->source;
        if (all && all->provider != one->provider)
            one->provider.clear();
        if (all && day_of(all->date).value_or(0) < day_of(one->date).value_or(0))
            one->date = all->date;
        all = std::move(one);
    }
    if (!all || !(count > 0))
        return std::nullopt;
    if (given.per_hour && all->tier != "owned")
        per_hour = *given.per_hour;
    all->per_accelerator_hour = per_hour / count;
    return all;
}

std::optional<Price> price_of(const CostQuestion& question, double share_of_power)
{
    std::optional<HourPrice> hour = price_of_cards(question, share_of_power);
    if (!hour)
        return std::nullopt;
    const Speed& speed = *question.speed;
    const RequestLoad& load = question.load;
    Price price;
    price.owned = hour->tier == "owned";
    price.per_hour = hour->per_accelerator_hour * count_of(question.cards);
    price.old = is_old(hour->date, question.today);
    price.hour = std::move(*hour);
    const CostFigure second = same(price.per_hour / seconds_per_hour);
    if (speed.training) {
        price.per_million_tokens = over(second, speed.train_tokens_per_second, million);
        return price;
    }
    price.per_million_output_tokens = over(second, speed.output_tokens_per_second, million);
    price.per_million_input_tokens = over(second, tokens_of(speed.requests_per_second, load.prompt), million);
    price.per_million_cached_tokens = over(second, tokens_of(speed.requests_per_second, load.cached), million);
    price.per_million_tokens = over(second, tokens_of(speed.requests_per_second, load.prompt + load.answer), million);
    price.per_request = over(second, speed.requests_per_second, 1);
    return price;
}

std::optional<Energy> energy_of(const CostQuestion& question, const CostFigure& share)
{
    double boards = 0;
    for (const auto& [card, number] : question.cards) {
        if (!card->board_watts)
            return std::nullopt;
        boards += *card->board_watts * number;
    }
    Energy energy;
    energy.watts = {boards * share.value, boards * share.low, boards * share.high};
    const std::optional<SpeedFigure>& rate = question.speed->output_tokens_per_second;
    energy.joules_per_output_token = over(energy.watts, rate, 1);
    energy.watt_hours_per_million_output_tokens = over(energy.watts, rate, million / seconds_per_hour);
    return energy;
}

/// Time, price and energy of a whole training run.
void add_run(Cost& cost, const CostQuestion& question)
{
    const TrainingChoice* training = question.scenario->training();
    const std::optional<double> tokens = training != nullptr ? run_tokens(*training) : std::nullopt;
    if (!tokens)
        return;
    cost.run = TrainingRun{*tokens, over(same(*tokens), question.speed->train_tokens_per_second, 1)};
    const std::optional<CostFigure>& seconds = cost.run->seconds;
    if (!seconds)
        return;
    const auto times = [&](const CostFigure& a, double unit) {
        return CostFigure{a.value * seconds->value * unit, a.low * seconds->low * unit, a.high * seconds->high * unit};
    };
    if (cost.price)
        cost.price->per_run = times(same(cost.price->per_hour), 1 / seconds_per_hour);
    if (cost.energy)
        cost.energy->kilowatt_hours_per_run = times(cost.energy->watts, 1 / (seconds_per_hour * watts_per_kilowatt));
}

void warn(Cost& cost, std::string_view field, std::string message)
{
    cost.issues.push_back({std::string(field), Severity::warning, std::move(message)});
}

/// What somebody set and nothing was made of, or less than they may think.
void add_warnings(Cost& cost, const CostQuestion& question)
{
    const OwnedChoice& owned = question.scenario->owned;
    if (owned.price_per_accelerator && !owned.years)
        warn(cost, "owned.years", "owned.years is not given, so what is owned has no price per hour");
    else if (owned.price_per_accelerator && !owned.power_price_per_kwh)
        warn(cost, "owned.power_price_per_kwh",
             "owned.power_price_per_kwh is not given; power is left out of the price");
    else if (owned.power_price_per_kwh && owned.price_per_accelerator && !cost.energy)
        warn(cost, "owned.power_price_per_kwh",
             "what the accelerators take is not known; power is left out of the price");
    const PriceChoice& price = question.scenario->price;
    if (!cost.price && (price.provider || price.tier))
        warn(cost, "price", "no bundled price is of that provider and tier for these accelerators");
    if (price.date && !day_of(*price.date))
        warn(cost, "price.date", "price.date is no date; it is read as 2026-11-29, 2026-11 or 2026");
    if (cost.price && cost.price->old == true && !price.per_accelerator_hour && !price.per_hour && !cost.price->owned)
        return; // the report says it beside the price
    if (cost.price && cost.price->old == true)
        warn(cost, "price.date", "the price is of " + cost.price->hour.date + ", more than 90 days ago");
}

} // namespace

CostFigure power_share(const Speed& speed)
{
    // No record measures power. Idle boards with a context take a quarter to a third of what they may; memory at full
    // bandwidth adds about half; a training step keeps its arithmetic busy nearly all the time.
    constexpr double idle = 0.3;
    constexpr double reading = 0.5;
    constexpr CostFigure trains = {0.85, 0.5, 1};
    constexpr std::array<std::string_view, 4> busy_terms = {"weights", "cache", "attention", "experts"};
    if (speed.training)
        return trains;
    const double all = sum_of(speed.terms);
    double busy = 0;
    for (const SpeedTerm& term : speed.terms)
        if (std::find(busy_terms.begin(), busy_terms.end(), term.id) != busy_terms.end())
            busy += term.seconds;
    const double share = all > 0 ? busy / all : 1;
    return {idle + reading * share * std::min(1.0, speed.running_requests), idle, 1};
}

std::optional<double> run_tokens(const TrainingChoice& training)
{
    if (training.total_tokens)
        return static_cast<double>(*training.total_tokens);
    if (!training.dataset_tokens)
        return std::nullopt;
    return training.epochs.value_or(1) * static_cast<double>(*training.dataset_tokens);
}

std::optional<HourPrice> hour_price(const PriceChoice& price, const OwnedChoice& owned, const Accelerator& accelerator,
                                    std::optional<double> watts)
{
    if (owned.price_per_accelerator)
        return owned.years ? std::optional(owned_price(owned, price, watts)) : std::nullopt;
    if (price.per_accelerator_hour || price.per_hour)
        return HourPrice{.per_accelerator_hour = price.per_accelerator_hour.value_or(0),
                         .currency = price.currency.value_or("USD"),
                         .date = price.date.value_or(""),
                         .source = price.source.value_or(""),
                         .provider = price.provider.value_or(""),
                         .tier = price.tier.value_or("")};
    return bundled_price(accelerator.id, price.provider.value_or(""), price.tier.value_or(""));
}

Cost cost_of(const CostQuestion& question)
{
    Cost cost;
    const Speed& speed = *question.speed;
    const bool timed = speed.decode_step_seconds || speed.train_step_seconds || speed.output_tokens_per_second;
    const CostFigure share = timed ? power_share(speed) : same(1);
    if (timed)
        cost.energy = energy_of(question, share);
    cost.price = price_of(question, share.value);
    add_run(cost, question);
    add_warnings(cost, question);
    return cost;
}

} // namespace weighbridge
