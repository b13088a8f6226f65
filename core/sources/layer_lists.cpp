#include "core/sources/layer_lists.h"

#include "core/sources/config_reader.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

namespace {

using nlohmann::json;

template<std::size_t count>
bool is_one_of(std::string_view key, const std::array<std::string_view, count>& names)
{
    return std::find(names.begin(), names.end(), key) != names.end();
}

/// Lists of layer indices, told from lists with one entry per layer by name.
constexpr std::array<std::string_view, 3> index_lists = {"attn_layer_indices", "mlp_only_layers", "moe_layers"};
/// "3,4,5"
constexpr std::array<std::string_view, 1> index_texts = {"moe_layers_enum"};
/// "MEM*": a letter per layer.
constexpr std::array<std::string_view, 2> letter_texts = {"hybrid_override_pattern", "index_topk_pattern"};

/// Indices beyond the end go; a list that went on evenly to the end goes on.
void fit_indices(json& list, std::int64_t layers)
{
    json fitted = json::array();
    for (const json& index : list)
        if (!index.is_number_integer() || index < layers)
            fitted.push_back(index);
    const std::size_t count = list.size();
    if (fitted.size() == count && count >= 2 && list[count - 1].is_number_integer() &&
        list[count - 2].is_number_integer()) {
        const auto last = list[count - 1].get<std::int64_t>();
        const auto step = last - list[count - 2].get<std::int64_t>();
        for (std::int64_t next = last + step; step > 0 && step < ranges::layers.maximum && next < layers; next += step)
            fitted.push_back(next);
    }
    list = std::move(fitted);
}

/// Nothing where the text is anything but numbers with commas between them.
std::optional<json> indices_of(const std::string& text)
{
    constexpr std::size_t most_digits = 9;
    json list = json::array();
    std::string digits;
    for (const char letter : text + ',') {
        if (letter >= '0' && letter <= '9' && digits.size() < most_digits) {
            digits += letter;
        } else if (letter == ',' && !digits.empty()) {
            list.push_back(std::stoll(digits));
            digits.clear();
        } else if (letter != ' ') {
            return std::nullopt;
        }
    }
    return list;
}

void fit_index_text(json& text, std::int64_t layers)
{
    std::optional<json> list = indices_of(text.get_ref<const std::string&>());
    if (!list)
        return;
    fit_indices(*list, layers);
    std::string fitted;
    for (const json& index : *list)
        fitted += (fitted.empty() ? "" : ",") + std::to_string(index.get<std::int64_t>());
    text = std::move(fitted);
}

/// The length of the shortest pattern that makes up the list, its last copy possibly cut (the failure function of
/// Knuth, Morris, Pratt).
std::size_t shortest_period(const json& list)
{
    std::vector<std::size_t> border(list.size(), 0);
    for (std::size_t i = 1; i < list.size(); ++i) {
        std::size_t length = border[i - 1];
        while (length > 0 && list[i] != list[length])
            length = border[length - 1];
        border[i] = list[i] == list[length] ? length + 1 : 0;
    }
    return list.size() - border.back();
}

/// Cuts the list, or goes on with its pattern.
json fitted_pattern(const json& list, std::size_t layers)
{
    const std::size_t period = shortest_period(list);
    json fitted = json::array();
    for (std::size_t i = 0; i < layers; ++i)
        fitted.push_back(i < list.size() ? list[i] : list[i % period]);
    return fitted;
}

/// Whether so many entries are one for each layer, or one for each of the network's and the prediction layers.
bool has_entry_per_layer(std::size_t entries, const ListedLayers& layers)
{
    return entries == static_cast<std::size_t>(layers.network) ||
           entries == static_cast<std::size_t>(layers.network + layers.predictions);
}

void fit_list(json& list, const ListedLayers& before, std::int64_t layers)
{
    const auto own = static_cast<std::size_t>(before.network);
    json of_network = json::array();
    json of_predictions = json::array();
    for (std::size_t i = 0; i < list.size(); ++i)
        (i < own ? of_network : of_predictions).push_back(list[i]);
    list = fitted_pattern(of_network, static_cast<std::size_t>(layers));
    for (json& entry : of_predictions)
        list.push_back(std::move(entry));
}

void fit_letters(json& text, const ListedLayers& before, std::int64_t layers)
{
    json list = json::array();
    for (const char letter : text.get_ref<const std::string&>())
        list.push_back(static_cast<int>(letter));
    fit_list(list, before, layers);
    std::string fitted;
    for (const json& letter : list)
        fitted += static_cast<char>(letter.get<int>());
    text = std::move(fitted);
}

void fit_text(std::string_view key, json& text, const ListedLayers& before, std::int64_t layers)
{
    if (is_one_of(key, index_texts))
        fit_index_text(text, layers);
    else if (is_one_of(key, letter_texts) && has_entry_per_layer(text.get_ref<const std::string&>().size(), before))
        fit_letters(text, before, layers);
}

} // namespace

void fit_layer_lists(nlohmann::json& keys, const ListedLayers& before, std::int64_t layers)
{
    if (before.network < 1 || layers < 1)
        return;
    for (auto& [key, value] : keys.items()) {
        if (value.is_string())
            fit_text(key, value, before, layers);
        if (!value.is_array() || value.empty())
            continue;
        if (is_one_of(key, index_lists))
            fit_indices(value, layers);
        else if (has_entry_per_layer(value.size(), before))
            fit_list(value, before, layers);
    }
}

} // namespace weighbridge
