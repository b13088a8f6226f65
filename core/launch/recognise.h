#pragma once

#include "core/launch/flag_table.h"
#include "core/launch/settings.h"
#include "core/quantity/result.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge {

/// Which tool a text starts or configures, and what it says, taken apart. The error says what could have been.
Result<Launch> recognise_launch(std::string_view text);

/// Of commands in a shell (recognise_command.cpp), files (recognise_file.cpp) and Python (recognise_python.cpp);
/// nothing where the text is none.
std::optional<Result<Launch>> recognise_command(std::string_view text);
std::optional<Result<Launch>> recognise_file(std::string_view text);
std::optional<Result<Launch>> recognise_python(std::string_view text);

/// The command in words of their own: a service of compose, a pod of Kubernetes.
std::optional<Launch> launch_of_words(const std::vector<std::string>& words,
                                      const std::vector<std::pair<std::string, std::string>>& environment,
                                      std::string_view image);

/// Ollama's Modelfile; nothing where the text is none.
std::optional<Launch> launch_of_modelfile(std::string_view text);

/// The entries of a configuration file, nested names with dots.
void add_entries(Launch& launch, const nlohmann::ordered_json& root);

} // namespace weighbridge
