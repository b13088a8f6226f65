#pragma once

#include "core/model/model.h"
#include "core/precision/format.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weighbridge {

/// Where a loss of quality comes from.
enum class LossBasis
{
    none,      ///< 16 bits, which losses are held against
    measured,  ///< published figures of models of this size
    estimated, ///< from models of other sizes
    not_known,
};

/// What rounding a model's weights costs, against 16 bits.
struct QualityLoss
{
    LossBasis basis = LossBasis::not_known;
    std::string_view measure{}; ///< "perplexity_percent", "kld_nats", "benchmark_percent"; a literal
    std::optional<double> low{};
    std::optional<double> loss{}; ///< the median
    std::optional<double> high{};
    std::int64_t models = 0; ///< that it was measured on
    std::string text;        ///< "0.4 to 1.6 % more perplexity (measured on 4 models of 15 to 80 B)"
    std::string source;      ///< of the figures
};

/// The loss of a format as published measurements have it: those of models of this size, else of a dense model and a
/// GGUF type KLD = c (8 / N)^0.5 (N in billions of parameters; 93 % of 315 values lie within a factor 2). Never derived
/// from another format's bits: what nobody measured is not known.
QualityLoss quality_loss(const NumberFormat& format, const Model& model);

} // namespace weighbridge
