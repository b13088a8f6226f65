#include "core/sources/resemblance.h"

#include "core/quantity/nearest.h"
#include "core/sources/family_choice.h"
#include "core/sources/import_notes.h"
#include "core/sources/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace weighbridge {

namespace {

using nlohmann::json;

constexpr double least_share = 0.5; ///< of the keys
constexpr double least_alike = 0.6; ///< of the names: "marmot" is not "mimo"

struct Reading
{
    Resemblance resemblance;
    double share = 0; ///< of the keys that matter, and of the sizes that the file leaves to class defaults
    double read = 0;  ///< of the keys that matter
    double name = 0;  ///< how alike the names are; 0 where it is not above `least_alike`
};

void sort_keys(const json& object, const ReadLog& log, Resemblance& resemblance)
{
    for (const auto& [key, value] : object.items())
        if (key != "model_type" && log.asked.contains(key))
            resemblance.understood.push_back(key);
    for (std::string& key : keys_not_understood(object, log))
        resemblance.not_understood.push_back(std::move(key));
}

/// A name with its numbers taken out: "qwen#_moe".
std::string without_numbers(std::string_view name)
{
    std::string line;
    for (const char letter : name) {
        const bool digit = letter >= '0' && letter <= '9';
        if (!digit)
            line += letter;
        else if (line.empty() || line.back() != '#')
            line += '#';
    }
    return line;
}

/// Another version of a line is nearer than a name that lacks a letter: qwen9 is a qwen3, not a qwen.
double likeness_of_lines(std::string_view name, std::string_view family)
{
    constexpr double another_version = 0.95;
    const std::string line = without_numbers(name);
    const bool same = line.find('#') != std::string::npos && line == without_numbers(family);
    return same ? another_version : likeness_of_names(name, family);
}

/// Nothing where the family's reader refuses the config.
std::optional<Reading> read_as(const Family& family, const json& config, std::string_view model_type)
{
    ReadLog log;
    const json* inner = nullptr;
    read_network({&family, std::string(model_type), true}, config, log, &inner);
    if (log.error)
        return std::nullopt;
    Reading reading;
    reading.resemblance.family = family.model_type;
    sort_keys(config, log, reading.resemblance);
    if (inner != nullptr && inner != &config)
        sort_keys(*inner, log, reading.resemblance);
    const auto understood = static_cast<double>(reading.resemblance.understood.size());
    const auto others = static_cast<double>(reading.resemblance.not_understood.size());
    reading.read = understood / std::max(1.0, understood + others);
    reading.share = understood / std::max(1.0, understood + others + static_cast<double>(log.defaulted.size()));
    const double name = likeness_of_lines(model_type, family.model_type);
    reading.name = name > least_alike ? name : 0; // a few letters in common say nothing
    reading.resemblance.likeness = reading.share + reading.name;
    return reading;
}

bool resembles(const Reading& reading, const Reading& llama)
{
    constexpr double most = 0.75;
    const bool by_name = reading.name > 0 && reading.share >= least_share && reading.read >= llama.read;
    return by_name || (reading.share >= most && reading.share > llama.share);
}

} // namespace

std::vector<Resemblance> resembled_families(const json& config)
{
    constexpr std::size_t most_offered = 2;
    constexpr double close = 0.15; // a second one that is much further off would only confuse
    std::vector<Resemblance> found;
    if (!config.is_object())
        return found;
    const auto named = config.find("model_type");
    const std::string model_type = named != config.end() && named->is_string() ? named->get<std::string>() : "";
    const Reading llama = read_as(assumed_llama_family, config, model_type).value_or(Reading{});
    for (const Family* family : families()) {
        if (family == &form_family)
            continue;
        auto reading = read_as(*family, config, model_type);
        if (reading && resembles(*reading, llama))
            found.push_back(std::move(reading->resemblance));
    }
    std::reverse(found.begin(), found.end()); // of equals the later name: the newer version
    std::stable_sort(found.begin(), found.end(),
                     [](const Resemblance& a, const Resemblance& b) { return a.likeness > b.likeness; });
    if (found.size() > most_offered)
        found.resize(most_offered);
    if (found.size() == most_offered && found.back().likeness < found.front().likeness - close)
        found.pop_back();
    return found;
}

std::string listed_keys(const std::vector<std::string>& keys)
{
    constexpr std::size_t most = 8;
    std::string list;
    for (std::size_t i = 0; i < std::min(most, keys.size()); ++i) {
        const std::string shown = brief(keys[i]);
        list += (list.empty() ? "" : ", ") + shown.substr(1, shown.size() - 2);
    }
    return keys.size() > most ? list + " and " + std::to_string(keys.size() - most) + " more" : list;
}

std::string sentence(const Resemblance& resemblance)
{
    std::string text = "As a " + std::string(resemblance.family) + " model ";
    text += resemblance.understood.empty() ? "no key is understood"
                                           : "it is understood in " + listed_keys(resemblance.understood);
    return text +
           (resemblance.not_understood.empty() ? "." : ", not in " + listed_keys(resemblance.not_understood) + ".");
}

} // namespace weighbridge
