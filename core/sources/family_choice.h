#pragma once

#include "core/quantity/result.h"
#include "core/sources/families/family.h"
#include "core/sources/hf_config.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace weighbridge {

/// The row by which a config is read. A composite (a vision tower and a language model) that has no row of its own is
/// read by the row of its language model's model_type.
struct FamilyChoice
{
    const Family* family = nullptr;
    std::string model_type; ///< as the file spells it; empty where it has none
    bool assumed = false;   ///< the model_type is unknown, and so is that of every part
    std::string root = {};  ///< dotted key of the part that `family` reads as if it were the file; empty: the file

    /// "qwen3", "Llama-like": the row as a word before "model".
    std::string family_name() const;
};

/// The row that a person names to have an unknown model_type read by it; nothing where there is no such row.
const Family* readable_family(std::string_view name);

/// The row of a config's model_type, else of the language model inside, else the one that `options` name, else the one
/// that the config resembles most: an assumption. The error says what is known.
Result<FamilyChoice> choose_family(const nlohmann::json& config, const ImportOptions& options);

/// The object at a dotted key; null where there is none.
const nlohmann::json* object_at(const nlohmann::json& config, std::string_view path);

/// The dotted key of the object with the network's keys, or empty where they are outside. An unknown composite model
/// keeps its decoder in text_config, as the known ones do. Older files of known ones (Qwen2-VL) have its keys outside.
std::string nested_key(const FamilyChoice& choice, const nlohmann::json& config);

/// The network alone, read by that row, without any check beyond the reader's own; `log` has the rest. The object with
/// its keys comes back through `network_keys`, where that is not null.
Architecture read_network(const FamilyChoice& choice, const nlohmann::json& config, ReadLog& log,
                          const nlohmann::json** network_keys = nullptr);

} // namespace weighbridge
