#pragma once

#include "core/model/architecture.h"
#include "core/model/cache_layout.h"
#include "core/model/inventory.h"

#include <memory>
#include <string>
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

/// An architecture with the tables that follow from it, computed once when it is imported. Immutable and shared.
struct Model
{
    std::string name; ///< "Llama-3.1-8B", "Llama-3.1-8B (edited)"
    Architecture architecture;
    std::vector<Tensor> tensors;
    std::vector<CacheRun> cache;
    ParameterCounts parameters;
    std::vector<Issue> issues; ///< what the importer wants known: keys it does not read, guesses a person allowed
};

using ModelPointer = std::shared_ptr<const Model>;

/// Derives the tables.
ModelPointer make_model(std::string name, Architecture architecture, std::vector<Issue> issues = {});

} // namespace weighbridge
