#include "tests/ui/session/session_fixture.h"
#include "ui/settings/settings_file.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>

#include <csignal>

#include <sys/resource.h>

namespace weighbridge::test {

namespace {

class SettingsFileTest : public ::testing::Test
{
protected:
    void write(const QByteArray& bytes) const
    {
        QFile file(path());
        ASSERT_TRUE(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }

    QByteArray bytes(const QString& name) const
    {
        QFile file(folder.filePath(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    QStringList setAside() const { return QDir(folder.path()).entryList({u"settings.damaged-*.json"_s}); }
    QString path() const { return folder.filePath(u"settings.json"_s); }

    QTemporaryDir folder;
};

TEST_F(SettingsFileTest, NoFileMeansDefaultsAndNoMessage)
{
    SettingsFile file(path());
    EXPECT_EQ(file.load(), QString());
    EXPECT_EQ(file.settings(), Settings{});
}

TEST_F(SettingsFileTest, WhatWasSavedIsLoaded)
{
    {
        SettingsFile file(path());
        file.edit([](Settings& settings) { settings.fontStep = 4; });
    }
    SettingsFile file(path());
    EXPECT_EQ(file.load(), QString());
    EXPECT_EQ(file.settings().fontStep, 4);
}

class Damage : public SettingsFileTest, public ::testing::WithParamInterface<int>
{
public:
    static QByteArray damage(int kind)
    {
        switch (kind) {
        case 0:
            return "garbage";
        case 1:
            return "";
        case 2:
            return QByteArray("\x00\xff\xfe", 3);
        case 3:
            return QByteArray(100'000, '[');
        case 4:
            return R"({"unit": "GB")";
        case 5:
            return "[1, 2]";
        case 6:
            return QByteArray(qsizetype{100} * 1024 * 1024, ' ');
        default:
            return R"({"unit": "GB", "unit": "GiB"})";
        }
    }
};

TEST_P(Damage, IsSetAsideWithAMessageAndNothingIsLost)
{
    const QByteArray damaged = damage(GetParam());
    write(damaged);
    SettingsFile file(path());
    EXPECT_NE(file.load(), QString());
    EXPECT_EQ(file.settings(), Settings{});
    ASSERT_EQ(setAside().size(), 1);
    EXPECT_EQ(bytes(setAside().first()), damaged);
    EXPECT_FALSE(QFile::exists(path()));
    EXPECT_TRUE(file.save());
    SettingsFile again(path());
    EXPECT_EQ(again.load(), QString());
}

INSTANTIATE_TEST_SUITE_P(Kinds, Damage, ::testing::Range(0, 8));

TEST_F(SettingsFileTest, TwoDamagedFilesOfOneSecondAreBothKept)
{
    for (int i = 0; i < 2; ++i) {
        write("garbage" + QByteArray::number(i));
        SettingsFile file(path());
        EXPECT_NE(file.load(), QString());
    }
    EXPECT_EQ(setAside().size(), 2);
}

TEST_F(SettingsFileTest, AFullDiskKeepsTheOldSettings)
{
    write(R"({"font_step": 3})");
    SettingsFile file(path());
    ASSERT_EQ(file.load(), QString());
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    rlimit small = before;
    small.rlim_cur = 8;
    setrlimit(RLIMIT_FSIZE, &small);
    file.edit([](Settings& settings) { settings.fontStep = 4; });
    const bool saved = file.save();
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_DFL);
    EXPECT_FALSE(saved);
    EXPECT_EQ(bytes(u"settings.json"_s), R"({"font_step": 3})");
}

TEST_F(SettingsFileTest, ALinkToADeviceStaysOne)
{
    ASSERT_TRUE(QFile::link(u"/dev/null"_s, path()));
    SettingsFile file(path());
    file.edit([](Settings& settings) { settings.fontStep = 4; });
    EXPECT_FALSE(file.save());
    EXPECT_EQ(QFileInfo(path()).symLinkTarget(), u"/dev/null"_s);
    EXPECT_FALSE(QFileInfo(u"/dev/null"_s).isFile());
}

TEST_F(SettingsFileTest, AFolderThatCannotBeWrittenIsNoCrash)
{
    write("x"); // a file where the folder would have to be
    SettingsFile file(path() + u"/settings.json"_s);
    file.load();
    EXPECT_FALSE(file.save());
}

} // namespace

} // namespace weighbridge::test
