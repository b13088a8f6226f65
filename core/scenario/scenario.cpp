#include "core/scenario/scenario.h"

#include <nlohmann/json.hpp>

namespace weighbridge {

bool ModelReference::operator==(const ModelReference& other) const
{
    if (kind != other.kind || name != other.name || read_as != other.read_as)
        return false;
    if (kind != Kind::config && kind != Kind::architecture)
        return text == other.text;
    if (kind == Kind::config && text != other.text)
        return false;
    if (config == other.config)
        return true;
    return config && other.config && *config == *other.config;
}

} // namespace weighbridge
