#include "app/cli/no_display.h"

#include "app/cli/command_line.h"
#include "core/fields/scenario_json.h"
#include "core/files/files.h"
#include "core/scenario/scenario.h"
#include "core/sources/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

namespace weighbridge {

namespace {

/// The first argument that is none of Qt's options, as the window takes it.
std::string file_of(std::span<const std::string> arguments)
{
    const auto found = std::find_if(arguments.begin(), arguments.end(),
                                    [](const std::string& word) { return !word.starts_with('-') || word == "-"; });
    return found == arguments.end() ? std::string() : *found;
}

bool holds_scenario(const std::string& path)
{
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        return false;
    const auto text = read_file(path);
    const auto json = text ? parse_json(*text, path) : Result<nlohmann::json>(Error{});
    return json && is_scenario(*json);
}

/// The file for a command that reads names as well: a bare "Llama-3.1-8B" is the folder, not the preset.
std::string as_path(const std::string& file)
{
    return file.find('/') == std::string::npos ? "./" + file : file;
}

std::vector<std::string> estimate_arguments(const std::string& file)
{
    if (file.empty())
        return {"estimate", Scenario{}.model.text};
    if (holds_scenario(file))
        return {"estimate", "--scenario", file};
    return {"estimate", as_path(file)};
}

} // namespace

std::optional<std::string> no_display([[maybe_unused]] std::span<const std::string> arguments,
                                      [[maybe_unused]] const Lookup& environment)
{
#if defined(__unix__) && !defined(__APPLE__)
    const auto is_set = [&](const char* name) {
        const char* value = environment(name);
        return value != nullptr && *value != '\0';
    };
    const auto chooses_platform = [](const std::string& word) {
        return word.starts_with("-platform") || word.starts_with("--platform");
    };
    if (is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") || is_set("QT_QPA_PLATFORM") ||
        std::any_of(arguments.begin(), arguments.end(), chooses_platform))
        return std::nullopt;
    return "there is no display (DISPLAY and WAYLAND_DISPLAY are not set)";
#else
    return std::nullopt;
#endif
}

int run_without_display(const std::string& why, std::span<const std::string> arguments, std::istream& in,
                        std::ostream& out, std::ostream& err, const Environment& environment)
{
    err << "weighbridge: " << why << ", so this is the estimate as a table; with a display it is a window" << std::endl;
    return run_command_line(estimate_arguments(file_of(arguments)), in, out, err, environment);
}

} // namespace weighbridge
