#include "core/fields/accelerator_json.h"

#include "core/fields/fields.h"
#include "core/quantity/formula.h"
#include "core/sources/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace weighbridge {

namespace {

using nlohmann::json;

using Peak = std::optional<double> DensePeaks::*;

constexpr std::array<std::pair<std::string_view, Peak>, 7> peaks = {{{"fp32", &DensePeaks::fp32},
                                                                     {"bf16", &DensePeaks::bf16},
                                                                     {"fp16", &DensePeaks::fp16},
                                                                     {"fp8", &DensePeaks::fp8},
                                                                     {"int8", &DensePeaks::int8},
                                                                     {"fp4", &DensePeaks::fp4},
                                                                     {"int4", &DensePeaks::int4}}};

constexpr std::array<std::string_view, 6> known_keys = {"name",          "memory_gib", "capacity_bytes",
                                                        "bandwidth_gbs", "tflops",     "unified_memory"};
constexpr std::array<std::string_view, 7> known_peaks = {"tflops.fp32", "tflops.bf16", "tflops.fp16", "tflops.fp8",
                                                         "tflops.int8", "tflops.fp4",  "tflops.int4"};

constexpr double capacity_at_most = 1125899906842624.0; // 2^50, 1 PiB
constexpr double rate_at_most = 1e7;

/// Reads the object's keys one by one; the first problem stays.
class CustomReader
{
public:
    explicit CustomReader(std::string_view key) : key_(key) { accelerator_.id = "custom"; }

    Result<Accelerator> read(const json& object)
    {
        accelerator_.name = "Custom GPU";
        for (const auto& [name, value] : object.items())
            if (!problem_)
                read_key(name, value);
        if (!problem_ && object.contains("memory_gib") && object.contains("capacity_bytes"))
            fail("capacity_bytes", "stands beside memory_gib; only one of them may");
        if (!problem_ && accelerator_.capacity.count == 0)
            fail("memory_gib", "is missing; a custom accelerator needs memory_gib or capacity_bytes");
        if (problem_)
            return *problem_;
        return std::move(accelerator_);
    }

private:
    void read_key(const std::string& name, const json& value)
    {
        if (name == "name")
            read_name(value);
        else if (name == "memory_gib")
            read_memory(value);
        else if (name == "capacity_bytes")
            read_capacity(value);
        else if (name == "bandwidth_gbs")
            accelerator_.bandwidth_gbs = value.is_null() ? 0 : number(name, value, rate_at_most);
        else if (name == "unified_memory")
            read_flag(name, value);
        else if (name == "tflops")
            read_peaks(value);
        else
            unknown(name, known_keys);
    }

    void read_name(const json& value)
    {
        constexpr std::size_t longest = 200;
        const auto* name = value.get_ptr<const std::string*>();
        const auto is_control = [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F; };
        if (name == nullptr || name->empty() || name->size() > longest ||
            std::any_of(name->begin(), name->end(), is_control))
            return refuse("name", value, "a text of 1 to 200 bytes without control characters");
        accelerator_.name = *name;
    }

    void read_memory(const json& value)
    {
        const double gib = number("memory_gib", value, capacity_at_most / bytes_per_gib);
        accelerator_.capacity = {std::llround(gib * bytes_per_gib)};
        if (accelerator_.capacity.count == 0)
            refuse("memory_gib", value, "at least one byte");
    }

    void read_capacity(const json& value)
    {
        const double bytes = number("capacity_bytes", value, capacity_at_most);
        if (!problem_ && std::floor(bytes) != bytes)
            return refuse("capacity_bytes", value, "a whole number");
        accelerator_.capacity = {static_cast<std::int64_t>(bytes)};
    }

    void read_flag(std::string_view name, const json& value)
    {
        if (!value.is_boolean())
            return refuse(name, value, "true or false");
        accelerator_.unified_memory = value.get<bool>();
    }

    void read_peaks(const json& value)
    {
        if (!value.is_object())
            return refuse("tflops", value, "an object of dense peaks, like {\"bf16\": 989.5}");
        for (const auto& [name, rate] : value.items()) {
            const auto row = std::find_if(peaks.begin(), peaks.end(),
                                          [&name = name](const auto& peak) { return peak.first == name; });
            if (row == peaks.end())
                return unknown("tflops." + name, known_peaks);
            if (!rate.is_null())
                accelerator_.tflops.*(row->second) = number("tflops." + name, rate, rate_at_most);
        }
    }

    /// Above 0, at most `most`; 0 after a failure.
    double number(std::string_view name, const json& value, double most)
    {
        const double number = value.is_number() ? value.get<double>() : 0;
        if (number > 0 && number <= most)
            return number;
        refuse(name, value, "a number above 0, at most " + formula_number(most));
        return 0;
    }

    void unknown(std::string_view name, std::span<const std::string_view> known)
    {
        std::vector<std::string> paths;
        for (const std::string_view candidate : known)
            paths.push_back(key_ + "." + std::string(candidate));
        problem_ =
            unknown_key(key_ + "." + std::string(name), std::vector<std::string_view>(paths.begin(), paths.end()));
    }

    void refuse(std::string_view name, const json& value, const std::string& allowed)
    {
        fail(name, "is " + brief(value) + "; it must be " + allowed);
    }

    void fail(std::string_view name, const std::string& what)
    {
        const std::string path = key_ + "." + std::string(name);
        if (!problem_)
            problem_ = Error{path, path + " " + what};
    }

    std::string key_;
    Accelerator accelerator_;
    Outcome problem_;
};

} // namespace

Result<Accelerator> read_custom_accelerator(const nlohmann::json& json, std::string_view key)
{
    return CustomReader(key).read(json);
}

nlohmann::ordered_json write_custom_accelerator(const Accelerator& accelerator)
{
    nlohmann::ordered_json object;
    object["name"] = accelerator.name;
    object["capacity_bytes"] = accelerator.capacity.count;
    if (accelerator.bandwidth_gbs > 0)
        object["bandwidth_gbs"] = accelerator.bandwidth_gbs;
    auto& tflops = object["tflops"] = nlohmann::ordered_json::object();
    for (const auto& [name, peak] : peaks)
        if (const auto& rate = accelerator.tflops.*peak)
            tflops[std::string(name)] = *rate;
    object["unified_memory"] = accelerator.unified_memory;
    return object;
}

} // namespace weighbridge
