#pragma once

#include "core/engines/plan.h"
#include "core/estimate/capacity.h"
#include "core/estimate/fit.h"
#include "core/estimate/question.h"
#include "core/hardware/accelerator.h"
#include "core/memory/layers.h"
#include "core/memory/term.h"
#include "core/model/model.h"
#include "core/quantity/result.h"
#include "core/scenario/scenario.h"
#include "core/speed/roofline.h"
#include "core/training/training.h"

#include <memory>
#include <optional>
#include <vector>

namespace weighbridge {

struct Ladder;
struct Levers;
struct Recommendations;
struct Savings;
struct Timeline;
struct TrainingTables;
struct ServingCapacity;
struct Solution;
struct Speed;
struct Cost;

/// The standard accelerators and the pinned ones, each once. Unknown ids are left out; validate() reports them.
std::shared_ptr<const std::vector<Accelerator>> comparison_accelerators(const Catalogue& catalogue,
                                                                        const std::vector<std::string>& pinned);

/// How much to work out.
enum class Detail
{
    figures, ///< the first-level terms with their ranges and what the engine prints, without any text
    memory,  ///< the terms with their formulas: bytes and why
    verdict, ///< the figures, judged on the machine asked about: no other card, no other number of GPUs
    full,    ///< fit cards, capacity, the table of layers and rooflines as well
};

/// What one token and one sequence cost in cache, whole model: the KV derivation line.
struct CacheSummary
{
    double bytes_per_token = 0;          ///< of the whole model, one sequence, beyond every window
    double fixed_bytes_per_sequence = 0; ///< windowed caches once full, and states
    Formula formula;                     ///< of bytes_per_token
};

/// Devices that hold alike, with how their share sits on one of them.
struct DeviceShare
{
    std::int64_t index = 0; ///< of the first, in the engine's order
    std::int64_t count = 1;
    std::optional<RankNumber> rank{};     ///< of the first, where devices are ranks
    std::optional<std::int64_t> layers{}; ///< the output as one, where devices share out layers
    std::vector<Term> terms{};            ///< empty: nothing lies there
    std::vector<EnginePrint> prints{};
    Bytes total{};
    Bytes low{};
    Bytes high{};
    Fit fit{};
};

/// What lies in the host's memory.
struct HostShare
{
    std::vector<Term> terms;
    Bytes total;
    Bytes low;
    Bytes high;
    /// Where its memory is known. Of memory that is shared with the devices: what they leave of it.
    std::optional<Bytes> usable;
    double fraction = 0;
    Verdict verdict = Verdict::not_known;
};

/// The one result. Immutable once made; every view, export and test reads it.
struct Estimate
{
    Scenario scenario; ///< as used: what nobody chose is filled in by model, hardware, engine and framework
    ModelPointer model;
    Accelerator accelerator;
    /// Inference: weights, kv_cache, activations, overhead. Training: those of the moment at which memory peaks.
    std::vector<Term> terms;
    std::shared_ptr<const TrainingMemory> training; ///< every moment and stage; null for inference
    std::vector<EnginePrint> engine_prints;         ///< what the engine would write to its own log
    Bytes total;                                    ///< per GPU
    Bytes low;
    Bytes high;
    CacheSummary cache;
    Fit fit;                          ///< of the fullest device
    std::vector<DeviceShare> devices; ///< in the engine's order; those that hold alike are one
    std::optional<HostShare> host;    ///< nothing where nothing lies there
    std::vector<Fit> cards;           ///< the standard accelerators and the pinned ones
    Capacity capacity;
    std::vector<LayerRow> layers;       ///< the network from input to output, with its total
    std::shared_ptr<const Speed> speed; ///< null unless all was asked for
    std::shared_ptr<const Cost> cost;   ///< price and energy; the same
    std::vector<Roofline> rooflines;    ///< decode and prefill of each kind of layer, the most frequent kind first
    /// Warnings and notes; an error only where the setup can't run, and the figures are those of the formulas.
    std::vector<Issue> issues;
    std::int64_t gpus = 1;                                  ///< that share the model: tensor x pipeline x data parallel
    Scenario asked;                                         ///< as it was asked: nothing is filled in
    std::string today{};                                    ///< of the question
    std::shared_ptr<const Recommendations> recommendations; ///< null unless with_answers() was asked for them
    std::shared_ptr<const ServingCapacity> serving;         ///< the same; of inference only
    std::shared_ptr<const Savings> savings;                 ///< the same; of training only
    std::shared_ptr<const Ladder> ladder;                   ///< the same; of inference only
    std::shared_ptr<const std::vector<Solution>> solutions; ///< the same
    std::shared_ptr<const Levers> levers;                   ///< the same
    std::shared_ptr<const Timeline> timeline;               ///< the same
    std::shared_ptr<const TrainingTables> training_tables;  ///< the same

    /// `total` on each of the GPUs, of a list of devices what each holds; nothing where the sum is more bytes than are
    /// counted.
    std::optional<Bytes> total_all_gpus() const;
    /// The fit that the verdict speaks of: where the host decides, its memory's, with no GPUs to look for.
    Fit decisive_fit() const;
    /// "4 × H100 SXM 80 GB", "2 × RTX 3090 + 1 × RTX 3060 12 GB".
    std::string cards_name() const;
};

using EstimatePointer = std::shared_ptr<const Estimate>;

/// The estimate of a question that was checked. Sweeps that need only the figure ask the plan.
EstimatePointer estimate(const Checked& checked, Detail detail = Detail::full);

/// The same of a question: checked here, once; the error is the first one found.
Result<EstimatePointer> estimate(const Question& question, Detail detail = Detail::full);

/// The question that an estimate answers.
Question question_of(const Estimate& estimate);

} // namespace weighbridge
