#include "core/hardware/system.h"

#include "core/hardware/catalogue_json.h"
#include "resources/resources.h"

namespace weighbridge {

namespace {

using Json = nlohmann::json;

using catalogue_json::number;
using catalogue_json::text;
using catalogue_json::texts;

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
    system.marketed_gb = number(entry, "total_memory_gb_marketed");
    system.confidence = text(entry, "confidence");
    system.note = text(entry, "notes");
    system.sources = texts(entry, "sources");
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

std::optional<System> find_system(std::string_view id)
{
    const resources::Entry* source = resources::find(resources::systems(), id);
    const Json entry = source != nullptr ? Json::parse(source->json, nullptr, false) : Json();
    return entry.is_object() ? std::optional(read_system(*source, entry)) : std::nullopt;
}

} // namespace weighbridge
