#include "ui/form/scenario_files.h"

#include "core/fields/scenario_json.h"
#include "core/files/files.h"
#include "core/files/model_path.h"
#include "core/sources/json_text.h"
#include "ui/session/text.h"

#include <nlohmann/json.hpp>

namespace weighbridge {

namespace {

Error withPath(const std::string& path, const Error& error)
{
    const bool named = error.message.find(path) != std::string::npos;
    return {error.field, named ? error.message : path + ": " + error.message};
}

} // namespace

Result<OpenedFile> readTextFile(const QString& path)
{
    const auto config = config_path(fromQt(path));
    if (!config)
        return config.error();
    const auto text = read_file(*config);
    if (!text)
        return withPath(*config, text.error());
    OpenedFile opened;
    const auto json = parse_json(*text, "the file");
    if (!json)
        return withPath(*config, json.error());
    if (is_scenario(*json)) {
        auto scenario = read_scenario(*json);
        if (!scenario)
            return withPath(*config, scenario.error());
        opened.scenario = std::move(*scenario);
        return opened;
    }
    opened.config = {QByteArray::fromStdString(*text), toQt(model_name_of(*config)), toQt(*config)};
    return opened;
}

} // namespace weighbridge
