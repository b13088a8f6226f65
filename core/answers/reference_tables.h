#pragma once

#include "core/answers/recommend.h"
#include "core/model/model.h"
#include "core/quantity/bytes.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// What the reference tables are worked out for.
struct ReferenceChoice
{
    bool book_rules = false;                 ///< the appendix's own simple rules in place of the detailed ones
    std::int64_t context = 8192;             ///< of the inference table, one request
    std::int64_t training_length = 2048;     ///< tokens of a training sequence, one at a time
    double usable_share = book_usable_share; ///< of every GPU's memory
    double lora_fraction = 0.01;             ///< of the parameters, by the book's rules; else LoRA has rank 16
};

/// The three columns of precisions: 16, 8 and 4 bits.
inline constexpr std::size_t reference_precisions = 3;
/// The three lengths of the cache table: 8K, 32K and 128K.
inline constexpr std::array<std::int64_t, 3> reference_lengths = {8192, 32768, 131072};

/// What one model takes on one GPU that is large enough, and where it fits.
struct ReferenceAmount
{
    Bytes total;
    Bytes states;      ///< weights, with gradients and optimizer where it is trained
    Bytes cache;       ///< of inference
    Bytes activations; ///< of training the most at any moment, which need not be the one at which the total peaks
    Bytes overhead;
    /// The smallest of the appendix's configurations; an index into ReferenceTables::configurations. Nothing where none
    /// holds it.
    std::optional<std::size_t> smallest;
    std::string refusal; ///< why there is no figure; empty where there is one
};

/// A model in all tables.
struct ReferenceRow
{
    ModelPointer model;
    std::array<ReferenceAmount, reference_precisions> inference;
    double cache_per_token = 0;      ///< bytes of the whole model, beyond every window
    std::array<Bytes, 3> cache = {}; ///< of one request of the reference_lengths
    ReferenceAmount training;        ///< all parameters, AdamW, 16-bit with fp32 master weights, recomputation
    ReferenceAmount lora;            ///< on a 16-bit base
    ReferenceAmount qlora;           ///< on a 4-bit base
};

struct ReferenceTables
{
    ReferenceChoice choice;
    ConfigurationsPointer configurations; ///< the 15 of the appendix, from the least memory to the most
    std::vector<ReferenceRow> rows;       ///< in the order of the models
};

/// The presets that are the models of the appendix's tables.
std::span<const std::string_view> reference_models();

/// The formats of the inference table: bf16, fp8 and 4-bit GPTQ; by the book's rules 2, 1 and 0.5 bytes a parameter.
std::array<std::string_view, reference_precisions> reference_formats(const ReferenceChoice& choice);

/// The quick reference of the book appendix (B.10) for any models. Inference is one request with a 16-bit cache,
/// without an engine; fits are tensor parallel, of training fully sharded, and by the book's rules of all memory as
/// one.
ReferenceTables reference_tables(const std::vector<ModelPointer>& models, const ReferenceChoice& choice = {});

} // namespace weighbridge
