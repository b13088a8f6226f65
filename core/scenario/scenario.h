#pragma once

#include "core/scenario/hardware_choice.h"
#include "core/scenario/inference_choice.h"
#include "core/scenario/precision_choice.h"
#include "core/scenario/price_choice.h"
#include "core/scenario/training_options.h"

#include <nlohmann/json_fwd.hpp>

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// Where a scenario's model comes from. `config` is a parsed config.json shared between the undo steps.
struct ModelReference
{
    enum class Kind
    {
        preset,       ///< `text` is the preset's name
        path,         ///< `text` is a file or folder
        hub,          ///< `text` is org/name, with @revision if not main
        config,       ///< `config` is a Hugging Face config.json; `name` what to call it
        architecture, ///< `config` holds the form's own fields
    };

    Kind kind = Kind::preset;
    std::string text = "Llama-3.1-8B";
    std::string name;
    std::shared_ptr<const nlohmann::json> config;
    /// How an unknown model_type is to be read: a known model_type, or llama_like; empty: not at all.
    std::string read_as;

    bool operator==(const ModelReference& other) const;
};

/// All inputs of an estimate. A value: undo steps, files and the form hold copies.
struct Scenario
{
    ModelReference model;
    std::string task = "inference";
    PrecisionChoice precision;
    InferenceChoice inference;
    TrainingChoice fine_tune{.method = "lora"};
    TrainingChoice train;
    HardwareChoice hardware;
    WorkloadChoice workload;
    WantedChoice wanted;
    PriceChoice price;
    OwnedChoice owned;

    /// Keys that were set although their value is that of a new scenario, by their row in core/fields. What has another
    /// value was chosen in any case. No part of the value: it decides what is written down, never a figure.
    std::bitset<512> chosen;

    /// The options of the task that is chosen; null for inference.
    const TrainingChoice* training() const
    {
        return task == "fine_tune" ? &fine_tune : task == "train" ? &train : nullptr;
    }

    bool operator==(const Scenario& other) const
    {
        return model == other.model && task == other.task && precision == other.precision &&
               inference == other.inference && fine_tune == other.fine_tune && train == other.train &&
               hardware == other.hardware && workload == other.workload && wanted == other.wanted &&
               price == other.price && owned == other.owned;
    }
};

inline constexpr std::array task_options = {
    OptionRow<Scenario>{.name = "task",
                        .member = member<&Scenario::task>,
                        .choices = {"inference", "fine_tune", "train"},
                        .label = "Task",
                        .help = "What the memory is for"},
};

struct Model;

/// How weights are stored where they are only read: as somebody chose, else as the model's checkpoint says, else bf16.
std::string weights_in_use(const PrecisionChoice& precision, const Model& model);

} // namespace weighbridge
