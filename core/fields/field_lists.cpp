#include "core/fields/devices_json.h"
#include "core/fields/fields.h"
#include "core/sources/json_text.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace weighbridge {

namespace {

/// Writes a list and notes that somebody chose it.
void take(Scenario& scenario, const ScenarioField& field, OptionValue value)
{
    field.set(scenario, std::move(value));
    scenario.chosen.set(field.row);
}

} // namespace

Result<std::vector<double>> parse_numbers(const ScenarioField& field, std::string_view text)
{
    std::vector<double> numbers;
    const std::size_t first = text.find_first_not_of(' ');
    if (first != std::string_view::npos && text[first] == '[') {
        const auto list = parse_json(text, field.key);
        if (!list)
            return list.error();
        for (const nlohmann::json& item : *list) {
            if (!item.is_number())
                return field_error(field, brief(item));
            numbers.push_back(item.get<double>());
        }
        return numbers;
    }
    while (true) {
        const std::size_t comma = text.find(',');
        const auto number = parse_real(text.substr(0, comma));
        if (!number)
            return Error{field.key, field.key + ": " + number.error().message};
        numbers.push_back(*number);
        if (comma == std::string_view::npos)
            return numbers;
        text.remove_prefix(comma + 1);
    }
}

Outcome set_numbers(Scenario& scenario, const ScenarioField& field, std::vector<double> numbers)
{
    if (field.kind != OptionKind::numbers)
        return field_error(field, "a list of numbers");
    for (const double number : numbers)
        if (!(number >= field.range.least && number <= field.range.most))
            return field_error(field, real_text(number));
    take(scenario, field, std::move(numbers));
    return {};
}

Outcome set_devices(Scenario& scenario, const ScenarioField& field, std::vector<DeviceGroup> groups)
{
    if (field.kind != OptionKind::devices)
        return field_error(field, "a list of devices");
    take(scenario, field, std::move(groups));
    return {};
}

Outcome set_gpus(Scenario& scenario, std::string_view text)
{
    const ScenarioField& devices = *field_named("hardware.devices");
    const ScenarioField& one = *field_named("hardware.accelerator");
    if (!is_device_list(text)) {
        if (Outcome problem = set_field(scenario, one.key, text))
            return problem;
        unset_field(scenario, devices);
        return {};
    }
    if (Outcome problem = set_field(scenario, devices.key, text))
        return problem;
    for (const std::string_view other : {"hardware.accelerator", "hardware.count", "hardware.memory_in_use_gib"})
        unset_field(scenario, *field_named(other));
    scenario.hardware.custom.reset();
    return {};
}

} // namespace weighbridge
