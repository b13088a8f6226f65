#pragma once

#include "core/estimate/estimate.h"
#include "core/estimate/layouts.h"
#include "core/price/cost.h"
#include "core/speed/speed.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge {

/// A layout that a plan names: keys and values ("hardware.tensor_parallel", "4"); ranks that are left out are 1.
using LayoutKeys = std::vector<std::pair<std::string, std::string>>;

/// What a plan holds against each other. What a list leaves out is the scenario's own.
struct DeploymentRange
{
    std::vector<std::string> accelerators;
    std::vector<std::string> systems; ///< each with all of its accelerators, whatever `counts` says
    std::vector<std::int64_t> counts; ///< accelerators of a replica
    std::vector<std::string> engines;
    std::vector<std::string> weights;
    std::vector<std::string> kv_cache;
    std::vector<LayoutKeys> layouts; ///< those with as many accelerators as a count has
    bool all_layouts = false;        ///< every one that the engine's row knows of, in place of `layouts`
    std::vector<std::int64_t> replicas = {1};
    std::map<std::string, std::string, std::less<>> prices; ///< by accelerator: keys of `price`, as a JSON object
    std::string sort = "price_per_million_output_tokens";
    std::size_t limit = 50;
};

/// One candidate that fits. Figures are of all replicas but for times, bytes (of one GPU) and what each of one GPU is.
struct Deployment
{
    std::string accelerator;
    std::string system;    ///< empty where it is none
    std::int64_t gpus = 1; ///< of all replicas
    std::int64_t replicas = 1;
    std::string engine;
    std::string weights;
    std::string kv_cache;
    LayoutChoice layout;
    /// Of one replica with its share of the requests: asked of an estimate, it gives the figures of that replica.
    Scenario scenario;
    Bytes needed;
    Bytes usable;
    Verdict verdict = Verdict::not_known;
    std::int64_t max_sequence_length = 0;
    Speed speed;                           ///< of one replica
    Cost cost;                             ///< of one replica
    std::vector<std::string_view> fails{}; ///< keys of `wanted` that are missed
    double miss = 0;                       ///< by which, in all: 0.5 is half as much again
    bool front = false; ///< none is as good in price per hour and tokens per second, and better in one

    std::optional<double> price_per_hour() const;
    std::optional<SpeedFigure> output_tokens_per_second() const;
    std::optional<double> watts() const;
    std::int64_t headroom() const { return usable.count - needed.count; }
};

/// Why candidates can't be, and how many.
struct RefusedCandidates
{
    std::string why;
    std::size_t candidates = 0;
};

struct Deployments
{
    std::size_t candidates = 0; ///< refused + do_not_fit + feasible
    std::size_t refused = 0;
    std::size_t do_not_fit = 0;
    std::size_t feasible = 0;
    std::size_t meet_wanted = 0;
    std::vector<Deployment> listed;          ///< those that meet what is wanted first, each part in the order of `sort`
    std::vector<RefusedCandidates> refusals; ///< the most frequent first
    /// Where nothing meets what is wanted, in a sentence: what misses it least, or lacks the least memory.
    std::string nearest_miss;
};

using DeploymentsPointer = std::shared_ptr<const Deployments>;

/// Told how many of how many were looked at; false ends it.
using Progress = std::function<bool(std::size_t done, std::size_t all)>;

/// The figures by which a plan can be sorted.
std::vector<std::string_view> deployment_figures();

/// Every candidate as an estimate of its scenario. Of inference only; the error names a key or a name that nobody
/// knows, or says that it was ended.
Result<DeploymentsPointer> deployments(const Question& question, const DeploymentRange& range,
                                       const Progress& progress = {});

/// The plan of a file (docs/price.md): its workload, wanted and owned go over the scenario's own keys.
Result<DeploymentRange> read_plan(std::string_view text, std::string_view name, Scenario& scenario);

} // namespace weighbridge
