#include "core/launch/log_settings.h"

#include "core/fields/fields.h"
#include "core/launch/flag_table.h"
#include "core/launch/interpret.h"
#include "core/launch/nesting.h"
#include "core/launch/recognise.h"
#include "core/launch/structured_text.h"
#include "core/quantity/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace weighbridge {

namespace {

/// Between the bracket behind a mark and the one that closes it, outside quotes; empty where there is none.
std::string_view bracketed(std::string_view text, std::string_view mark)
{
    const std::size_t begin = text.find(mark);
    if (begin == std::string_view::npos)
        return {};
    const std::size_t open = begin + mark.size();
    Nesting nesting;
    constexpr std::size_t longest = 60'000;
    for (std::size_t i = open; i < text.size() && i - open < longest; ++i) {
        nesting.take(text[i]);
        if (nesting.depth() < 0)
            return text.substr(open, i - open);
    }
    return {};
}

/// Every NAME=VALUE or 'NAME': VALUE of a list in Python, as settings.
std::vector<Setting> settings_in(std::string_view list)
{
    std::vector<Setting> settings;
    Nesting nesting;
    std::size_t begin = 0;
    const auto keep = [&](std::size_t end) {
        std::string_view part = list.substr(begin, end - begin);
        begin = end + 1;
        const std::size_t sign = part.find_first_of("=:");
        if (sign == std::string_view::npos)
            return;
        std::string name;
        for (const char letter : part.substr(0, sign))
            if (letter != ' ' && letter != '\'' && letter != '"')
                name += letter;
        settings.push_back({name, flag_name("--" + name), value_text(literal(part.substr(sign + 1)))});
    };
    for (std::size_t i = 0; i < list.size(); ++i)
        if (nesting.take(list[i]) && list[i] == ',' && nesting.depth() == 0)
            keep(i);
    keep(list.size());
    return settings;
}

/// The command that Ollama started: cmd="... runner --ctx-size 8192 ...".
void read_started_command(std::string_view text, Log& log)
{
    constexpr std::string_view mark = "cmd=\"";
    const std::size_t begin = text.find(mark);
    if (begin == std::string_view::npos)
        return;
    const std::size_t end = text.find('"', begin + mark.size());
    if (end == std::string_view::npos)
        return;
    const std::string command =
        "llama-server " + std::string(text.substr(begin + mark.size(), end - begin - mark.size()));
    const std::size_t flags = command.find(" --");
    auto launch =
        recognise_command("llama-server" + (flags == std::string::npos ? std::string() : command.substr(flags)));
    if (!launch || !*launch)
        return;
    const LaunchCommand read = interpret_launch(**launch);
    for (const LaunchFlag& flag : read.flags)
        if (flag.key.starts_with("inference.") && flag.read == FlagRead::taken)
            log.settings.emplace_back(flag.key.substr(10), flag.value);
    log.scenario = read.scenario;
}

void take_settings(std::vector<Setting> settings, const char* tool, Log& log)
{
    Launch launch;
    launch.tool = launch.table = tool;
    launch.program = "log";
    launch.version = log.version;
    for (const Setting& setting : settings) {
        const std::string value = setting.value.value_or("");
        if (!value.empty() && value != "None" && setting.name != "api_key")
            log.settings.emplace_back(setting.name, value);
    }
    launch.settings = std::move(settings);
    log.scenario = interpret_launch(launch).scenario;
}

/// Settings that single lines gave, under llama.cpp's names.
void take_single(Log& log)
{
    const bool is_llama = log.tool == "llama.cpp" || log.tool == "ik_llama.cpp";
    const bool is_known = is_llama || log.tool == "vllm" || log.tool == "sglang";
    if (!is_known)
        return;
    set_field(log.scenario, "inference.engine", log.tool);
    if (!log.version.empty())
        set_field(log.scenario, "inference.engine_version", log.version);
    for (const auto& [name, value] : log.settings)
        if (const ScenarioField* field = field_named("inference." + name); field != nullptr)
            set_field(log.scenario, field->key, value); // what is refused stays a setting
}

} // namespace

void read_log_settings(std::string_view text, Log& log)
{
    if (const std::string_view arguments = bracketed(text, "ServerArgs("); !arguments.empty())
        return take_settings(settings_in(arguments), "sglang", log);
    for (const std::string_view mark : {"non-default args: {", "args: Namespace("})
        if (const std::string_view arguments = bracketed(text, mark); !arguments.empty())
            return take_settings(settings_in(arguments), "vllm", log);
    read_started_command(text, log);
    take_single(log);
}

} // namespace weighbridge
