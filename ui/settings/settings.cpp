#include "ui/settings/settings.h"

#include "ui/session/text.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

namespace weighbridge {

namespace {

using nlohmann::json;

constexpr qsizetype longestText = 4096;
constexpr std::array known{"version", "geometry",  "splitter",      "unit",
                           "theme",   "font_step", "recent_models", "scenario"};

QString readText(const json& object, const char* key)
{
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string())
        return {};
    return toQt(found->get_ref<const std::string&>()).left(longestText);
}

qint64 readCount(const json& object, const char* key)
{
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_integer())
        return 0;
    return std::max<qint64>(0, found->get<qint64>());
}

QList<int> readSplitter(const json& object)
{
    const auto found = object.find("splitter");
    QList<int> sizes;
    if (found == object.end() || !found->is_array() || found->size() != 2)
        return sizes;
    for (const json& size : *found) {
        if (!size.is_number_integer() || size < 1 || size > 100'000)
            return {};
        sizes.append(size.get<int>());
    }
    return sizes;
}

ThemeChoice readTheme(const json& object)
{
    const QString text = readText(object, "theme");
    if (text == QLatin1StringView("light"))
        return ThemeChoice::light;
    return text == QLatin1StringView("dark") ? ThemeChoice::dark : ThemeChoice::system;
}

const char* themeName(ThemeChoice theme)
{
    switch (theme) {
    case ThemeChoice::light:
        return "light";
    case ThemeChoice::dark:
        return "dark";
    case ThemeChoice::system:
        break;
    }
    return "system";
}

int readFontStep(const json& object)
{
    const auto found = object.find("font_step");
    if (found == object.end() || !found->is_number_integer() || *found < smallestFontStep || *found > largestFontStep)
        return 0;
    return found->get<int>();
}

std::optional<RecentModel> readRecent(const json& entry)
{
    if (!entry.is_object())
        return std::nullopt;
    RecentModel model;
    const QString kind = readText(entry, "kind");
    if (kind == QLatin1StringView("file"))
        model.kind = RecentModel::Kind::file;
    else if (kind != QLatin1StringView("hub"))
        return std::nullopt;
    model.source = readText(entry, "source");
    model.name = readText(entry, "name");
    model.family = readText(entry, "family");
    model.parameters = readCount(entry, "parameters");
    model.context = readCount(entry, "context");
    if (model.source.isEmpty() || model.name.isEmpty())
        return std::nullopt;
    return model;
}

QList<RecentModel> readRecents(const json& object)
{
    QList<RecentModel> models;
    const auto found = object.find("recent_models");
    if (found == object.end() || !found->is_array())
        return models;
    for (const json& entry : *found)
        if (auto model = readRecent(entry); model && models.size() < mostRecentModels)
            models.append(*model);
    return models;
}

json writeRecent(const RecentModel& model)
{
    return {{"kind", model.kind == RecentModel::Kind::file ? "file" : "hub"},
            {"source", fromQt(model.source)},
            {"name", fromQt(model.name)},
            {"family", fromQt(model.family)},
            {"parameters", model.parameters},
            {"context", model.context}};
}

} // namespace

Settings readSettings(const json& object)
{
    Settings settings;
    settings.geometry = QByteArray::fromBase64(readText(object, "geometry").toLatin1());
    settings.splitter = readSplitter(object);
    settings.unit = readText(object, "unit") == QLatin1StringView("GB") ? ByteUnit::gb : ByteUnit::gib;
    settings.theme = readTheme(object);
    settings.fontStep = readFontStep(object);
    settings.recentModels = readRecents(object);
    if (const auto scenario = object.find("scenario"); scenario != object.end() && scenario->is_object())
        settings.scenario = *scenario;
    for (const auto& [key, value] : object.items())
        if (std::find(known.begin(), known.end(), key) == known.end())
            settings.unknown[key] = value;
    return settings;
}

json writeSettings(const Settings& settings)
{
    json object = settings.unknown.is_object() ? settings.unknown : json::object();
    object["version"] = 1;
    object["geometry"] = settings.geometry.toBase64().toStdString();
    object["splitter"] = json::array();
    for (const int size : settings.splitter)
        object["splitter"].push_back(size);
    object["unit"] = settings.unit == ByteUnit::gb ? "GB" : "GiB";
    object["theme"] = themeName(settings.theme);
    object["font_step"] = settings.fontStep;
    object["recent_models"] = json::array();
    for (const RecentModel& model : settings.recentModels)
        object["recent_models"].push_back(writeRecent(model));
    if (settings.scenario)
        object["scenario"] = *settings.scenario;
    return object;
}

void rememberModel(Settings& settings, const RecentModel& model)
{
    settings.recentModels.removeIf(
        [&](const RecentModel& other) { return other.kind == model.kind && other.source == model.source; });
    settings.recentModels.prepend(model);
    while (settings.recentModels.size() > mostRecentModels)
        settings.recentModels.removeLast();
}

} // namespace weighbridge
