#include "core/answers/configurations.h"

#include "core/hardware/system.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace weighbridge {

namespace {

constexpr std::string_view appendix_source = "book appendix, B.4";

/// Each accelerator is read once, though many systems have it.
class Accelerators
{
public:
    const Accelerator* find(const std::string& id)
    {
        const auto known = found_.find(id);
        if (known != found_.end())
            return known->second ? &*known->second : nullptr;
        auto read = catalogue_.find(id);
        std::optional<Accelerator>& kept = found_[id];
        if (read)
            kept = std::move(*read);
        return kept ? &*kept : nullptr;
    }

private:
    Catalogue catalogue_;
    std::map<std::string, std::optional<Accelerator>> found_;
};

Configuration configuration_of(const BookConfiguration& line, const Accelerator& accelerator)
{
    Configuration configuration;
    configuration.id = std::to_string(line.gpus) + "x_" + std::string(line.accelerator);
    configuration.name = std::to_string(line.gpus) + "× " + accelerator.card_name();
    configuration.kind = "cards";
    configuration.accelerator = accelerator;
    configuration.gpus = line.gpus;
    configuration.in_appendix = true;
    configuration.note = accelerator.note;
    configuration.sources = {std::string(appendix_source)};
    return configuration;
}

Configuration configuration_of(const System& system, const Accelerator& accelerator)
{
    Configuration configuration;
    configuration.id = system.id;
    constexpr std::string_view cloud = "cloud:";
    configuration.name = system.name;
    if (system.kind.starts_with(cloud))
        configuration.name += " (" + system.kind.substr(cloud.size()) + ")";
    configuration.kind = system.kind;
    configuration.accelerator = accelerator;
    configuration.gpus = system.packages * accelerator.devices_per_package;
    configuration.note = system.note;
    configuration.sources = system.sources;
    return configuration;
}

} // namespace

std::span<const BookConfiguration> book_configurations()
{
    static constexpr std::array<BookConfiguration, 15> list = {{
        {"1x RTX 4090", 24, "rtx_4090", 1, ""},
        {"1x RTX 5090", 32, "rtx_5090", 1, ""},
        {"1x A100 80GB", 80, "a100_sxm_80", 1, ""},
        {"1x H100 80GB", 80, "h100_sxm_80", 1, ""},
        {"1x H200 141GB", 141, "h200_sxm_141", 1, ""},
        {"1x B200 180GB", 180, "b200_sxm", 1, ""},
        {"1x B300 288GB", 288, "b300_sxm", 1, ""},
        {"1x Mac Studio M3 Ultra 512GB", 512, "m3_ultra", 1, ""},
        {"2x H100 (NVLink)", 160, "h100_sxm_80", 2, ""},
        {"2x B200 (NVLink)", 360, "b200_sxm", 2, ""},
        {"4x H100", 320, "h100_sxm_80", 4, ""},
        {"4x B200", 720, "b200_sxm", 4, ""},
        {"8x H100 (DGX H100)", 640, "h100_sxm_80", 8, "dgx_h100"},
        {"8x B200 (DGX B200)", 1440, "b200_sxm", 8, "dgx_b200"},
        {"8x B300 (HGX B300)", 2304, "b300_sxm", 8, "dgx_b300"},
    }};
    return list;
}

ConfigurationsPointer standard_configurations()
{
    Accelerators accelerators;
    auto list = std::make_shared<std::vector<Configuration>>();
    const auto book = book_configurations();
    for (const BookConfiguration& line : book)
        if (line.system.empty())
            if (const Accelerator* accelerator = accelerators.find(std::string(line.accelerator)))
                list->push_back(configuration_of(line, *accelerator));
    for (const System& system : bundled_systems()) {
        const Accelerator* accelerator = accelerators.find(system.accelerator);
        if (accelerator == nullptr || system.packages < 1)
            continue; // a test proves that there is none
        Configuration configuration = configuration_of(system, *accelerator);
        configuration.in_appendix = std::any_of(
            book.begin(), book.end(), [&](const BookConfiguration& line) { return line.system == system.id; });
        list->push_back(std::move(configuration));
    }
    std::stable_sort(list->begin(), list->end(),
                     [](const Configuration& a, const Configuration& b) { return a.memory() < b.memory(); });
    return list;
}

} // namespace weighbridge
