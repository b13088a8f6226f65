#pragma once

#include "core/quantity/display.h"

#include <nlohmann/json.hpp>

#include <QByteArray>
#include <QList>
#include <QString>

#include <optional>

namespace weighbridge {

enum class ThemeChoice
{
    system,
    light,
    dark,
};

/// A model that was fetched or opened before: enough to list it and to get it again.
struct RecentModel
{
    enum class Kind
    {
        hub,
        file,
    };

    Kind kind = Kind::hub;
    QString source; ///< "org/name" or "org/name@revision", or a path
    QString name;
    QString family;
    qint64 parameters = 0;
    qint64 context = 0;

    bool operator==(const RecentModel&) const = default;
};

/// What the window remembers from one start to the next. No token is ever in here.
struct Settings
{
    QByteArray geometry;
    QList<int> splitter;
    ByteUnit unit = ByteUnit::gib;
    ThemeChoice theme = ThemeChoice::system;
    int fontStep = 0; ///< -3 to 12: tenths of the system's font size that are added
    QList<RecentModel> recentModels;
    std::optional<nlohmann::json> scenario;            ///< the last one, as write_scenario writes it
    nlohmann::json unknown = nlohmann::json::object(); ///< keys of a newer version, kept as they are

    bool operator==(const Settings&) const = default;
};

inline constexpr int smallestFontStep = -3;
inline constexpr int largestFontStep = 12;
inline constexpr int mostRecentModels = 12;

/// Reads each key by itself: one of the wrong type or out of range falls back alone. `json` must be an object.
Settings readSettings(const nlohmann::json& json);
nlohmann::json writeSettings(const Settings& settings);

/// Puts a model at the head of the recent ones, once.
void rememberModel(Settings& settings, const RecentModel& model);

} // namespace weighbridge
