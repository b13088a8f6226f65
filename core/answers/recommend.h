#pragma once

#include "core/answers/configurations.h"
#include "core/quantity/bytes.h"
#include "core/quantity/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

struct Question;

/// Of a configuration's memory, what the appendix counts on: it leaves "5-10% for system overhead" (B.4).
inline constexpr double book_usable_share = 0.92;

/// How a scenario sits on one configuration.
struct Recommendation
{
    std::size_t configuration = 0; ///< in Recommendations::configurations
    std::int64_t tensor_parallel = 1;
    std::int64_t pipeline_parallel = 1;
    std::int64_t data_parallel = 1;    ///< replicas; of inference where the engine has them
    std::int64_t context_parallel = 1; ///< of training
    std::int64_t gpus_used = 0;        ///< that the layout takes; 0 where there is no layout
    Bytes needed;                      ///< per GPU
    Bytes usable;                      ///< per GPU
    double fraction = 0;               ///< needed of the GPU's whole memory: "per cent used"
    double of_usable = 0;              ///< needed of `usable`, as a fit has it; 0 where there is no layout
    bool fits = false;
    std::string refusal; ///< why it can't be laid out there; empty where it can
};

/// Every configuration, from the least memory to the most.
struct Recommendations
{
    ConfigurationsPointer configurations;
    std::optional<double> usable_share; ///< of each GPU's memory; nothing where estimates' own limit counts
    std::vector<Recommendation> rows;

    const Configuration& configuration(const Recommendation& row) const { return (*configurations)[row.configuration]; }
    /// The smallest configuration that fits; null where none does.
    const Recommendation* smallest() const;
};

using RecommendationsPointer = std::shared_ptr<const Recommendations>;

/// Where the question's model, task and options fit, whatever hardware the scenario names. Without a `usable_share` a
/// GPU may be used as far as an estimate on it says: by the engine's own option, or hardware.usable_fraction where the
/// memory is of the scenario's kind (own, or shared with the CPU), or all that the accelerator gives. With one, above 0
/// and at most 1, that is what counts of each GPU's memory; of memory shared with the CPU never more than the
/// accelerator's default, and an engine that gives itself less is taken at its word.
///
/// Inference is laid out anew on each: tensor parallel over as many of its GPUs as the heads allow, with replicas (data
/// parallel) over the others where the engine has them and there is a sequence for each, or in pipeline stages where
/// that does not do and the engine has them. Training keeps the scenario's tensor, pipeline and context
/// parallelism, and all other GPUs are data parallel; by the book's rules, which are of a whole model, the memory of
/// all GPUs is one. The error is that of a question without an answer.
Result<RecommendationsPointer> recommend(const Question& question, std::optional<double> usable_share = std::nullopt,
                                         ConfigurationsPointer configurations = nullptr);

} // namespace weighbridge
