#include "core/hardware/system.h"

#include "resources/resources.h"

#include <nlohmann/json.hpp>

namespace weighbridge {

namespace {

using Json = nlohmann::json;

std::string text(const Json& entry, const char* key)
{
    const auto found = entry.find(key);
    return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t whole(const Json& entry, const char* key)
{
    const auto found = entry.find(key);
    return found != entry.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

System read_system(const resources::Entry& source, const Json& entry)
{
    System system;
    system.id = source.id;
    system.name = text(entry, "name");
    system.kind = text(entry, "kind");
    system.accelerator = text(entry, "gpu_id");
    system.packages = whole(entry, "gpu_count");
    system.scale_up = whole(entry, "scale_up_domain");
    system.interconnect = text(entry, "interconnect");
    if (const auto marketed = entry.find("total_memory_gb_marketed"); marketed != entry.end() && marketed->is_number())
        system.marketed_gb = marketed->get<double>();
    system.confidence = text(entry, "confidence");
    system.note = text(entry, "notes");
    if (const auto sources = entry.find("sources"); sources != entry.end() && sources->is_array())
        for (const Json& item : *sources)
            if (item.is_string())
                system.sources.push_back(item.get<std::string>());
    return system;
}

} // namespace

std::vector<System> bundled_systems()
{
    std::vector<System> systems;
    systems.reserve(resources::systems().size());
    for (const resources::Entry& source : resources::systems()) {
        const Json entry = Json::parse(source.json, nullptr, false);
        if (entry.is_object())
            systems.push_back(read_system(source, entry));
    }
    return systems;
}

} // namespace weighbridge
