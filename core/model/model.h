#pragma once

#include "core/model/architecture.h"
#include "core/model/cache_layout.h"
#include "core/model/inventory.h"
#include "core/model/weight_column.h"
#include "core/quantity/compute_type.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// How a person must read something: not at all an error, worth a look, or the reason why there is no figure.
enum class Severity
{
    note,
    warning,
    error,
};

/// Something to say beside a field. `field` is a dotted scenario key or a config.json key.
struct Issue
{
    std::string field;
    Severity severity = Severity::warning;
    std::string message;

    bool operator==(const Issue&) const = default;
};

/// Bytes of one part of the network in one type, as files hold them.
struct StoredPart
{
    Part part = Part::attention;
    std::string_view type; ///< "BF16", "Q4_K"; a literal
    std::int64_t tensors = 0;
    std::int64_t elements = 0;
    std::int64_t bytes = 0;
};

/// One weights file.
struct StoredFile
{
    std::string name;
    std::int64_t tensors = 0;
    std::int64_t bytes = 0; ///< of its tensors
};

/// What weights files and the network of their config disagree about, in elements of the network (what a packed matrix
/// holds, not its words). All zero where they agree.
struct StoredMismatch
{
    std::int64_t wanted = 0;        ///< what the network has
    std::int64_t missing = 0;       ///< of that, what the files lack
    std::int64_t surplus = 0;       ///< what they hold beyond the network, in its tensors or beside them
    std::int64_t missing_bytes = 0; ///< of what is missing, by the rule; counted in StoredWeights::rows, in no part
    std::vector<Part> parts;        ///< where

    bool any() const { return missing > 0 || surplus > 0; }
};

/// The type under which StoredWeights::rows has what files lack.
inline constexpr std::string_view missing_type = "missing";

/// What weights files hold, from their headers.
struct StoredWeights
{
    std::vector<StoredFile> files;
    std::vector<StoredPart> parts;            ///< what engines load
    std::int64_t bytes = 0;                   ///< of `parts`
    std::int64_t left_out_bytes = 0;          ///< layers for multi-token prediction, and tables that engines rebuild
    StoredMismatch mismatch;                  ///< of safetensors files
    std::shared_ptr<const WeightColumn> rows; ///< `parts` by row of the inventory, and what the files lack
};

/// How a checkpoint holds its weights.
struct PublishedWeights
{
    std::string label; ///< "FP8, blocks of 128 × 128", "GGUF Q4_K_M"
    /// quant_method with what tells its formats apart: "fp8", "compressed-tensors/pack-quantized", "modelopt/NVFP4",
    /// "gguf"; empty: not quantized.
    std::string method;
    /// The format that says the same of a network that an engine builds otherwise: "exl3:4.0"; empty: none does.
    std::string format;
    ComputeType compute = ComputeType::bf16;
    bool mxfp4_experts = false;          ///< of the matrices, only those of routed experts are quantized (gpt-oss)
    std::optional<StoredWeights> stored; ///< where files were read; exact but for a mismatch
    std::shared_ptr<const WeightColumn>
        rule; ///< what the config's or the file's own rule says; null where none is known
};

/// An architecture with the tables that follow from it, computed once when it is imported. Immutable and shared.
struct Model
{
    std::string name; ///< "Llama-3.1-8B", "Llama-3.1-8B (edited)"
    Architecture architecture;
    std::vector<Tensor> tensors;
    std::vector<CacheRun> cache;
    ParameterCounts parameters;
    std::optional<PublishedWeights> published; ///< nothing: nobody says more than the data type
    bool family_assumed = false;               ///< of an unknown model_type, read as another's, or derived from tensors
    std::vector<Issue> issues; ///< what the importer wants known: keys it does not read, guesses a person allowed
};

using ModelPointer = std::shared_ptr<const Model>;

/// Derives the tables.
ModelPointer make_model(std::string name, Architecture architecture, std::vector<Issue> issues = {});

} // namespace weighbridge
