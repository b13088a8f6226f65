#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weighbridge {

/// A published model: its config and what is known of it (tests/data/models/known_models.jsonl).
struct KnownModel
{
    std::string id;
    nlohmann::json config;
    nlohmann::json expected;
};

/// Their ids and the lines that they stand on, without reading the rest: every case of a test starts a process of its
/// own.
inline std::vector<std::pair<std::string, std::string>> known_model_lines()
{
    std::ifstream file(WEIGHBRIDGE_TEST_DATA "/models/known_models.jsonl");
    if (!file)
        throw std::runtime_error("can't read known_models.jsonl");
    constexpr std::string_view before = "{\"id\": \"";
    std::vector<std::pair<std::string, std::string>> lines;
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with(before))
            throw std::runtime_error("a line of known_models.jsonl doesn't begin with its id");
        lines.emplace_back(line.substr(before.size(), line.find('"', before.size()) - before.size()), line);
    }
    return lines;
}

inline std::vector<std::string> known_model_ids()
{
    std::vector<std::string> ids;
    for (auto& [id, line] : known_model_lines())
        ids.push_back(std::move(id));
    return ids;
}

/// Nothing where no line has that id.
inline std::optional<KnownModel> known_model(std::string_view id)
{
    for (const auto& [name, line] : known_model_lines())
        if (name == id) {
            const nlohmann::json row = nlohmann::json::parse(line);
            return KnownModel{row.at("id"), row.at("config"), row.at("expected")};
        }
    return std::nullopt;
}

/// gtest takes letters, digits and underscores.
inline std::string test_name(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return text;
}

} // namespace weighbridge
