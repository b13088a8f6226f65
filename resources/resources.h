#pragma once

#include <span>
#include <string_view>

namespace weighbridge::resources {

/// A bundled piece of JSON: a preset's config.json, a catalogue entry, the class defaults of a model_type, a file of
/// measured runs.
struct Entry
{
    std::string_view id;
    std::string_view json;
};

/// resources/models/*.json: id is the file name without ".json" ("Llama-3.1-8B"), in alphabetical order.
std::span<const Entry> models();
/// resources/hardware/accelerators.json: one entry per accelerator, in the file's order.
std::span<const Entry> accelerators();
/// resources/hardware/systems.json.
std::span<const Entry> systems();
/// resources/measured/: id is the file name ("vllm.jsonl"), json the whole file; of a .jsonl one object per line.
std::span<const Entry> measured();
/// resources/precision/: id is the file name ("elements.json"), json the whole file, an array of objects.
std::span<const Entry> precision();
/// resources/engines/: id is the file name ("support.json"), json the whole file.
std::span<const Entry> engines();
/// resources/launch/: id is the file name ("vllm.json"), json the whole file: a tool's flags and what they set.
std::span<const Entry> launch();
/// resources/prices/: id is the file name ("prices.json"), json the whole file, an array of objects.
std::span<const Entry> prices();
/// resources/config_defaults.json: id is the model_type, json an object with "defaults".
std::span<const Entry> config_defaults();
/// resources/parts.json: id is the model_type of a tower or of a composite, json its row
/// (core/sources/families/parts.h).
std::span<const Entry> parts();

/// The entry of that id, or nothing.
const Entry* find(std::span<const Entry> entries, std::string_view id);

} // namespace weighbridge::resources
