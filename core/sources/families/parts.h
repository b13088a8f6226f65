#pragma once

#include "core/model/architecture.h"
#include "core/sources/config_reader.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

// Towers and projectors of composite models as data: a row of resources/parts.json per model_type states their
// parameters as expressions over the keys of its config (expression.h).

namespace weighbridge {

/// A file (or an object in it) that holds a language model and other networks.
struct CompositeConfig
{
    const nlohmann::json* object = nullptr;
    std::string path;              ///< its dotted key; empty: the file
    std::string_view language_key; ///< of the object inside that holds the language model
};

/// Whether a model_type has a row, of its own towers or of how it joins them.
bool has_parts(std::string_view model_type);

/// The model_type of the object under `key` where a composite's file does not say it; empty where nobody knows.
std::string inner_type(std::string_view composite_type, std::string_view key);

/// Adds every tower that the composite's objects name, and its projectors. What has no row is named in a warning.
void read_parts(const CompositeConfig& composite, ConfigReader& text, ReadLog& log, Architecture& network);

} // namespace weighbridge
