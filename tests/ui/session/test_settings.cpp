#include "tests/ui/session/session_fixture.h"
#include "ui/settings/settings.h"

namespace weighbridge::test {

namespace {

using nlohmann::json;

Settings everySetting()
{
    Settings settings;
    settings.geometry = QByteArray("\x01\xd9\xd0\xcb", 4);
    settings.splitter = {350, 1090};
    settings.unit = ByteUnit::gb;
    settings.theme = ThemeChoice::dark;
    settings.fontStep = 3;
    settings.recentModels = {{RecentModel::Kind::hub, u"org/name@v1"_s, u"name"_s, u"llama"_s, 8'030'261'248, 131072},
                             {RecentModel::Kind::file, u"/models/x/config.json"_s, u"x"_s, u"qwen3"_s, 1, 0}};
    settings.scenario = json{{"model", "Llama-3.1-8B"}};
    settings.unknown = json{{"from_the_future", {1, 2, 3}}};
    return settings;
}

TEST(Settings, RoundTrip)
{
    EXPECT_EQ(readSettings(writeSettings(everySetting())), everySetting());
    EXPECT_EQ(readSettings(writeSettings(Settings{})), Settings{});
}

TEST(Settings, KeysOfANewerVersionAreKept)
{
    const json kept = writeSettings(readSettings(json{{"compare_page", {{"open", true}}}}));
    EXPECT_EQ(kept.at("compare_page"), (json{{"open", true}}));
}

TEST(Settings, OneBadValueFallsBackAlone)
{
    const json good = writeSettings(everySetting());
    const std::vector<json> bad{nullptr,      true, -7, 1e300, "x", json::array({1}), json::object({{"a", 1}}),
                                99999999999LL};
    for (const auto& [key, value] : good.items()) {
        if (key == "from_the_future")
            continue;
        for (const json& wrong : bad) {
            json damaged = good;
            damaged[key] = wrong;
            const Settings read = readSettings(damaged);
            // Every other key reads as before.
            const json again = writeSettings(read);
            for (const auto& [other, expected] : good.items()) {
                if (other == key || other == "version")
                    continue;
                EXPECT_EQ(again.at(other), expected) << other << " with " << key << " = " << wrong;
            }
        }
    }
}

TEST(Settings, RecentModelsAreListedOnceAndTheNewestFirst)
{
    Settings settings;
    for (int i = 0; i < 20; ++i)
        rememberModel(settings, {RecentModel::Kind::hub, u"org/m%1"_s.arg(i), u"m"_s, {}, 0, 0});
    EXPECT_EQ(settings.recentModels.size(), mostRecentModels);
    EXPECT_EQ(settings.recentModels.first().source, u"org/m19"_s);
    rememberModel(settings, {RecentModel::Kind::hub, u"org/m15"_s, u"m"_s, {}, 0, 0});
    EXPECT_EQ(settings.recentModels.size(), mostRecentModels);
    EXPECT_EQ(settings.recentModels.first().source, u"org/m15"_s);
}

} // namespace

} // namespace weighbridge::test
