#include "core/accuracy/causes.h"

#include "core/accuracy/record.h"

#include <nlohmann/json.hpp>

namespace weighbridge {

MissCauses::MissCauses()
{
    for (nlohmann::json& entry : measured_file("causes.json")) {
        const Record record(std::move(entry));
        for (const nlohmann::json& run : record.value("runs"))
            if (run.is_string())
                causes_[{run.get<std::string>(), record.text("figure")}] = record.text("cause");
    }
}

std::string MissCauses::of(std::string_view run, std::string_view figure) const
{
    const auto found = causes_.find({std::string(run), std::string(figure)});
    return found == causes_.end() ? std::string() : found->second;
}

} // namespace weighbridge
