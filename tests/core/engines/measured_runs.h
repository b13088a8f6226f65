#pragma once

#include "core/memory/inference.h"
#include "core/sources/hf_config.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge::testing {

/// The rows of a file of tests/data/measured/.
inline std::vector<nlohmann::json> measured_rows(const std::string& file)
{
    std::ifstream stream(WEIGHBRIDGE_TEST_DATA "/measured/" + file);
    if (!stream)
        throw std::runtime_error("can't read " + file);
    std::vector<nlohmann::json> rows;
    for (std::string line; std::getline(stream, line);)
        rows.push_back(nlohmann::json::parse(line));
    return rows;
}

/// The networks that rows name.
inline nlohmann::json measured_networks(const std::string& file)
{
    std::ifstream stream(WEIGHBRIDGE_TEST_DATA "/measured/" + file);
    return nlohmann::json::parse(stream);
}

inline ModelPointer imported(const nlohmann::json& config)
{
    auto model = import_config(config, "measured");
    if (!model)
        throw std::runtime_error(model.error().message);
    return *model;
}

/// The model of a config with recurrent layers behind its own (or in their place), given by the sizes of their states.
inline ModelPointer imported_with_states(const nlohmann::json& config, const nlohmann::json& states)
{
    ModelPointer model = imported(config);
    if (states.is_null())
        return model;
    Recurrent recurrent;
    recurrent.kind = RecurrentKind::gated_delta_net;
    recurrent.conv_kernel = states.at("conv_kernel");
    recurrent.conv_channels = states.at("conv_channels");
    recurrent.state_elements = states.at("state_elements");
    Layer layer;
    layer.mixers = {recurrent};
    Architecture architecture = model->architecture;
    if (states.value("no_attention", false)) {
        architecture.kinds.clear();
        architecture.runs.clear();
    }
    for (int i = 0; i < states.at("layers").get<int>(); ++i)
        architecture.append(layer);
    return make_model("measured", std::move(architecture));
}

template<class Value>
std::optional<Value> optional_value(const nlohmann::json& row, const char* key)
{
    return row.at(key).is_null() ? std::nullopt : std::optional<Value>(row.at(key).get<Value>());
}

/// A scenario with its model, kept together because inputs refer to both.
struct MeasuredRun
{
    Scenario scenario;
    ModelPointer model;

    InferenceInputs inputs() const
    {
        auto resolved = inference_inputs(scenario, *model);
        if (!resolved)
            throw std::runtime_error(resolved.error().message);
        return *resolved;
    }

    double printed(std::string_view id) const
    {
        const InferenceInputs resolved = inputs();
        for (const EnginePrint& print : resolved.engine->prints(resolved))
            if (print.id == id)
                return print.value;
        throw std::runtime_error("the engine prints no " + std::string(id));
    }
};

/// As llama.cpp prints MiB.
inline std::string two_decimals(double value)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.2f", value);
    return text;
}

/// Relative errors of a set of runs.
class Errors
{
public:
    void add(double predicted, double measured, const std::string& id)
    {
        errors_.push_back(std::abs(predicted / measured - 1));
        list_ += id + " " + two_decimals(predicted) + " for " + two_decimals(measured) + "\n";
    }

    /// For messages of failing tests.
    const std::string& list() const { return list_; }

    std::size_t count() const { return errors_.size(); }
    double median() const
    {
        std::vector<double> sorted = errors_;
        std::sort(sorted.begin(), sorted.end());
        return sorted.at(sorted.size() / 2);
    }
    /// The share of runs whose error is at most `bound`.
    double within(double bound) const
    {
        const auto good = std::count_if(errors_.begin(), errors_.end(), [&](double error) { return error <= bound; });
        return static_cast<double>(good) / static_cast<double>(errors_.size());
    }

private:
    std::vector<double> errors_;
    std::string list_;
};

} // namespace weighbridge::testing
