#pragma once

#include "core/quantity/result.h"
#include "core/speed/speed.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace weighbridge {

struct Question;

/// What grows along a curve of speed.
enum class SpeedAxis
{
    requests,   ///< requests at a time
    per_second, ///< arrivals: a scenario whose requests come at a rate
    context,    ///< tokens of a request: one stream of an engine for one's own device
};

/// The speed of the scenario with another load.
struct SpeedPoint
{
    double at = 0; ///< requests, requests per second or tokens
    std::shared_ptr<const Speed> speed;
};

/// How fast a scenario would be with another load: each point is what an estimate of that load says.
struct SpeedCurve
{
    SpeedAxis axis = SpeedAxis::requests;
    double own = 0;                   ///< of the scenario itself; one of the points where its speed is known
    std::vector<SpeedPoint> points{}; ///< ascending, those whose speed is known
    std::optional<double> full{};     ///< the most of them with nobody waiting, where more than that is in sight
};

using SpeedCurvePointer = std::shared_ptr<const SpeedCurve>;

/// Called before each point; false ends the work.
using SpeedProgress = std::function<bool(std::size_t done, std::size_t all)>;

/// Of inference only. The error is that of a question without an answer, or says that it was stopped.
Result<SpeedCurvePointer> speed_curve(const Question& question, const SpeedProgress& progress = {});

/// How a figure stands to what is wanted of it.
enum class Reach
{
    reached,   ///< with its whole range
    uncertain, ///< the figure does, the slow end of its range does not, or the other way round
    missed,    ///< with its whole range
};

/// Of a time that should be at most so long; nothing where one of both is not there.
std::optional<Reach> reach_of(const std::optional<SpeedFigure>& seconds, const std::optional<double>& at_most);

} // namespace weighbridge
