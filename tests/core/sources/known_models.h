#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace weighbridge {

/// A published model: its config and what is known of it (tests/data/models/known_models.jsonl).
struct KnownModel
{
    std::string id;
    nlohmann::json config;
    nlohmann::json expected;

    /// gtest prints it in the name of a failing case.
    friend std::ostream& operator<<(std::ostream& out, const KnownModel& model) { return out << model.id; }
};

inline std::vector<KnownModel> known_models()
{
    std::ifstream file(WEIGHBRIDGE_TEST_DATA "/models/known_models.jsonl");
    if (!file)
        throw std::runtime_error("can't read known_models.jsonl");
    std::vector<KnownModel> models;
    for (std::string line; std::getline(file, line);) {
        nlohmann::json row = nlohmann::json::parse(line);
        models.push_back({row.at("id"), row.at("config"), row.at("expected")});
    }
    return models;
}

/// gtest takes letters, digits and underscores.
inline std::string test_name(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return text;
}

} // namespace weighbridge
