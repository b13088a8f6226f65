#include "core/launch/flag_table.h"

#include "core/quantity/text.h"
#include "resources/resources.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace weighbridge {

namespace {

using nlohmann::json;

std::vector<std::string> words_of(std::string_view text)
{
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end > 0)
            words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

std::vector<std::string> names_of_group(const json& table, const char* group)
{
    std::vector<std::string> names;
    for (const json& line : table.at(group))
        for (std::string& name : words_of(line.get<std::string>()))
            names.push_back(std::move(name));
    return names;
}

FlagRow flag_row(const json& row)
{
    FlagRow read;
    read.name = row.at("name");
    for (const std::string& spelling : words_of(row.value("also", std::string())))
        read.also.push_back(flag_name(spelling));
    read.key = row.value("key", std::string());
    read.as = row.value("as", std::string());
    read.value = row.value("value", std::string());
    read.of = row.value("of", std::string());
    read.only = row.value("only", std::string());
    read.is_switch = row.value("switch", false);
    return read;
}

FlagTable table_of(std::string_view text)
{
    const json table = json::parse(text);
    FlagTable read;
    read.tool = table.at("tool");
    read.engine = table.value("engine", std::string());
    read.framework = table.value("framework", std::string());
    read.task = table.value("task", std::string(read.framework.empty() ? "inference" : "fine_tune"));
    read.spelling = table.at("spelling");
    read.program = table.at("program");
    read.positional = table.value("positional", std::string());
    read.fallback = table.value("fallback", std::string());
    read.beginnings = table.value("beginnings", false);
    for (const json& row : table.at("keys"))
        read.rows.push_back(flag_row(row));
    read.no_effect_values = names_of_group(table, "no_effect_value");
    read.no_effect_switches = names_of_group(table, "no_effect_switch");
    read.no_rule_values = names_of_group(table, "no_rule_value");
    read.no_rule_switches = names_of_group(table, "no_rule_switch");
    return read;
}

/// "dataset.*" stands for all names below it.
bool stands_in(const std::vector<std::string>& names, std::string_view name)
{
    return std::any_of(names.begin(), names.end(), [&](std::string_view known) {
        return known == name || (known.ends_with(".*") && name.starts_with(known.substr(0, known.size() - 1)));
    });
}

bool is_row(const FlagRow& row, std::string_view name)
{
    return row.name == name || contains(row.also, name);
}

} // namespace

std::string flag_name(std::string_view written)
{
    if (!written.starts_with("--"))
        return std::string(written);
    std::string name(written.substr(2));
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

FlagKind FlagTable::find(std::string_view name) const
{
    for (const FlagRow& row : rows)
        if (is_row(row, name))
            return {&row, true, true, row.is_switch};
    const auto kind = [&](const std::vector<std::string>& names, bool has_effect, bool is_switch) -> FlagKind {
        return stands_in(names, name) ? FlagKind{nullptr, true, has_effect, is_switch} : FlagKind{};
    };
    for (const FlagKind& found : {kind(no_rule_values, true, false), kind(no_rule_switches, true, true),
                                  kind(no_effect_values, false, false), kind(no_effect_switches, false, true)})
        if (found.is_known)
            return found;
    constexpr std::string_view negated = "no_";
    if (name.starts_with(negated)) {
        const FlagKind positive = find(name.substr(negated.size()));
        if (positive.is_known && positive.is_switch)
            return positive;
    }
    return fallback.empty() ? FlagKind{} : flag_table(fallback)->find(name);
}

std::string FlagTable::completed(std::string_view name) const
{
    if (!beginnings || name.starts_with('-') || name.size() < 2 || find(name).is_known)
        return std::string(name);
    std::set<std::string> candidates;
    const auto add = [&](const std::string& known) {
        if (known.starts_with(name))
            candidates.insert(known);
    };
    std::set<const FlagRow*> of_rows;
    for (const FlagRow& row : rows) {
        add(row.name);
        for (const std::string& other : row.also)
            add(other);
    }
    for (const auto* names : {&no_effect_values, &no_effect_switches, &no_rule_values, &no_rule_switches})
        for (const std::string& known : *names)
            add(known);
    // Two spellings of one row are one flag.
    for (const std::string& candidate : candidates)
        of_rows.insert(find(candidate).row);
    const bool one = candidates.size() == 1 || (of_rows.size() == 1 && *of_rows.begin() != nullptr);
    return one ? *candidates.begin() : std::string(name);
}

std::span<const FlagTable> flag_tables()
{
    static const std::vector<FlagTable> tables = [] {
        std::vector<FlagTable> read;
        for (const resources::Entry& entry : resources::launch())
            read.push_back(table_of(entry.json));
        return read;
    }();
    return tables;
}

const FlagTable* flag_table(std::string_view tool)
{
    const auto tables = flag_tables();
    const auto found =
        std::find_if(tables.begin(), tables.end(), [&](const FlagTable& table) { return table.tool == tool; });
    return found == tables.end() ? nullptr : &*found;
}

} // namespace weighbridge
