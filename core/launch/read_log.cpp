#include "core/launch/read_log.h"

#include "core/fields/fields.h"
#include "core/launch/explain_log.h"
#include "core/launch/log_lines.h"
#include "core/launch/log_match.h"
#include "core/launch/log_settings.h"
#include "core/quantity/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>

namespace weighbridge {

namespace {

/// The rank that a line is from: "TP1", "Worker_TP3", "[Rank 2]", "(VllmWorkerProcess"; 0 where it says none.
bool is_other_rank(std::string_view line)
{
    constexpr std::size_t head = 120;
    const std::string_view begin = line.substr(0, head);
    if (begin.find("VllmWorkerProcess") != std::string_view::npos)
        return true;
    for (const std::string_view mark : {"TP", "DP", "PP", "[Rank ", "rank=", "RANK:", "rank "}) {
        const std::size_t at = begin.find(mark);
        if (at == std::string_view::npos || at + mark.size() >= begin.size())
            continue;
        const char digit = begin[at + mark.size()];
        if (digit >= '1' && digit <= '9')
            return true;
    }
    return false;
}

/// What was seen of one name: the first rank goes before the others, a later moment before an earlier one.
class Facts
{
public:
    void take(const LogFact& fact, bool other_rank)
    {
        const auto known = places_.find(fact.name);
        if (known == places_.end()) {
            places_[fact.name] = facts_.size();
            facts_.push_back(fact);
            of_other_.push_back(other_rank);
            return;
        }
        const std::size_t place = known->second;
        if (other_rank)
            return; // the rank that came first stands for all
        facts_[place] = fact;
        of_other_[place] = false;
    }

    std::vector<LogFact> take_all() && { return std::move(facts_); }

private:
    std::vector<LogFact> facts_;
    std::vector<bool> of_other_;
    std::map<std::string, std::size_t> places_;
};

/// torch's message stands in logs of every engine: a tool of its own only where no other has a line.
std::string tool_of(const std::map<std::string, int>& counts)
{
    constexpr std::array guests = {"torch", "peft"};
    std::string best;
    int most = 0;
    for (const auto& [tool, count] : counts) {
        // FlagScale prints Megatron's lines after its own.
        const int weight = contains(guests, tool) ? 1 : tool == "flagscale" ? 1'000'000 : count * 100;
        if (weight > most) {
            most = weight;
            best = tool;
        }
    }
    return best;
}

bool names_fork(std::string_view text)
{
    return has_part(text, {"ik_llama", "mla_attn", "attn_max_b", "fused_moe", "c^KV"});
}

} // namespace

std::optional<Log> read_log(std::string_view text)
{
    constexpr std::size_t longest = std::size_t{8} << 20U;
    constexpr std::size_t longest_line = 20'000;
    text = text.substr(0, longest);
    Log log;
    log.kind = "log";
    Facts facts;
    std::map<std::string, int> counts;
    std::map<std::string, std::string> settings;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = text.substr(begin, std::min(end - begin, longest_line));
        begin = end + 1;
        const bool other = is_other_rank(line);
        std::map<std::string, bool> known; // names that a fuller pattern gave
        for (const LogLine& row : log_lines()) {
            const auto match = match_log_line(row.pattern, line);
            if (!match)
                continue;
            ++counts[std::string(row.tool)];
            if (row.is_error)
                log.kind = "error";
            if (!match->version.empty() && log.version.empty())
                log.version = match->version;
            for (const LogFact& fact : match->facts)
                if (known.try_emplace(fact.name, true).second)
                    facts.take(fact, other);
            for (const auto& [name, value] : match->settings)
                settings[name] = value;
        }
    }
    log.facts = std::move(facts).take_all();
    // Settings alone ("n_ctx = 4096") stand in scripts too.
    const bool has_arguments = has_part(text, {"ServerArgs(", "non-default args: {"});
    if (log.facts.empty() && log.kind != "error" && !has_arguments)
        return std::nullopt;
    log.tool = tool_of(counts);
    if (log.tool == "peft")
        log.tool = "axolotl";
    if (log.tool == "llama.cpp" && names_fork(text))
        log.tool = "ik_llama.cpp";
    log.settings.assign(settings.begin(), settings.end());
    read_log_settings(text, log);
    explain_log(log);
    return log;
}

nlohmann::ordered_json log_json(const Log& log)
{
    nlohmann::ordered_json root;
    root["kind"] = log.kind;
    root["tool"] = log.tool;
    root["version"] = log.version.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(log.version);
    root["facts"] = nlohmann::ordered_json::object();
    for (const LogFact& fact : log.facts) {
        root["facts"][fact.name]["value"] = fact.value;
        root["facts"][fact.name]["unit"] = fact.unit;
    }
    root["settings"] = nlohmann::ordered_json::object();
    for (const auto& [name, value] : log.settings)
        root["settings"][name] = value;
    root["explain"] = log.explain;
    // Bytes that are no UTF-8 would not be JSON.
    return nlohmann::ordered_json::parse(root.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

std::string log_text(const Log& log)
{
    std::string text = log.tool + (log.version.empty() ? "" : " " + log.version) + "\n\n";
    const nlohmann::ordered_json shown = log_json(log);
    for (const auto& [name, fact] : shown.at("facts").items()) {
        std::string line = "  " + name;
        line.resize(std::max<std::size_t>(line.size() + 2, 28), ' ');
        text += line + fact.at("value").dump() + " " + fact.at("unit").get<std::string>() + "\n";
    }
    for (const auto& [name, value] : shown.at("settings").items())
        text += "  " + name + " = " + value.get<std::string>() + "\n";
    for (const std::string& sentence : log.explain)
        text += "\n" + sentence + "\n";
    return text;
}

} // namespace weighbridge
