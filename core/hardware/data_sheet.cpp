#include "core/hardware/data_sheet.h"

#include "core/hardware/catalogue_json.h"
#include "resources/resources.h"

#include <algorithm>

namespace weighbridge {

namespace {

DataSheet read_sheet(Accelerator accelerator, std::string_view source)
{
    using namespace catalogue_json;
    DataSheet sheet;
    sheet.accelerator = std::move(accelerator);
    const nlohmann::json entry = nlohmann::json::parse(source, nullptr, false);
    if (!entry.is_object())
        return sheet;
    sheet.architecture = text(entry, "family");
    sheet.launch_year = static_cast<int>(number(entry, "launch_year").value_or(0));
    sheet.memory_type = text(entry, "memory_type");
    sheet.links = text(entry, "scale_up");
    sheet.link_gbs = number(entry, "scale_up_gbs_bidirectional");
    sheet.host_link = text(entry, "pcie");
    sheet.watts = number(entry, "tdp_w");
    return sheet;
}

} // namespace

double DataSheet::sold_gb() const
{
    return accelerator.marketed_gb / accelerator.devices_per_package;
}

std::string DataSheet::generation() const
{
    constexpr std::string_view apple = "Apple Silicon ";
    if (architecture.starts_with(apple))
        return architecture.substr(apple.size());
    return architecture.substr(0, architecture.find(' '));
}

bool DataSheet::is_unverified(std::string_view figure) const
{
    const auto& names = accelerator.unverified;
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return name.ends_with('*') ? figure.starts_with(std::string_view(name).substr(0, name.size() - 1))
                                   : name == figure;
    });
}

std::vector<DataSheet> data_sheets()
{
    const Catalogue catalogue;
    std::vector<DataSheet> sheets;
    sheets.reserve(resources::accelerators().size());
    for (const resources::Entry& entry : resources::accelerators())
        if (Result<Accelerator> accelerator = catalogue.find(entry.id))
            sheets.push_back(read_sheet(std::move(*accelerator), entry.json));
    return sheets;
}

} // namespace weighbridge
