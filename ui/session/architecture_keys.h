#pragma once

#include "core/sources/hf_config.h"

#include <optional>
#include <span>
#include <string_view>

namespace weighbridge {

/// Keys of the architecture fields start with this: "model.hidden_size".
inline constexpr std::string_view architecturePrefix = "model.";

struct ArchitectureKey
{
    std::string_view key;
    ArchitectureField field;
};

std::span<const ArchitectureKey> architectureKeys();

std::optional<ArchitectureField> findArchitectureField(std::string_view key);

/// How config.json files spell a field, and the form's key for it.
struct ConfigSpelling
{
    std::string_view spelling;
    std::string_view key;
};

/// Every spelling that differs from the form's own.
std::span<const ConfigSpelling> configSpellings();

/// The form's key for what an error or warning names: a dotted key as it is, a key of config.json ("num_hidden_layers",
/// "text_config.moe_intermediate_size") as the architecture field it is edited by; empty where the form has no such
/// field.
std::string_view formKeyOf(std::string_view issueField);

} // namespace weighbridge
