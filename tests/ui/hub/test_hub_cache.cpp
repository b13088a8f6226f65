#include "tests/ui/hub/hub_fixture.h"
#include "ui/hub/hub_cache.h"

#include <gtest/gtest.h>
#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>

namespace weighbridge::test {
namespace {

constexpr qint64 enough = 1024;
const QUrl hub(u"https://huggingface.co"_s);

class HubCacheTest : public ::testing::Test
{
protected:
    void put(const HubReference& reference, const QByteArray& bytes) const
    {
        ASSERT_TRUE(QDir().mkpath(QFileInfo(cache_.path(reference)).path()));
        QFile file(cache_.path(reference));
        ASSERT_TRUE(file.open(QIODevice::WriteOnly));
        ASSERT_EQ(file.write(bytes), bytes.size());
    }

    QTemporaryDir directory_;
    HubCache cache_{hub, directory_.path() + u"/deep/down"_s};
};

TEST_F(HubCacheTest, givesBackWhatWasWritten)
{
    EXPECT_FALSE(cache_.read(sampleReference, enough));
    ASSERT_TRUE(cache_.write(sampleReference, sampleConfig));
    const auto copy = cache_.read(sampleReference, enough);
    ASSERT_TRUE(copy);
    EXPECT_EQ(copy->bytes, sampleConfig);
    EXPECT_LT(std::abs(copy->fetchedAt.secsTo(QDateTime::currentDateTime())), 60);
}

TEST_F(HubCacheTest, isReadableByTheOwnerAlone)
{
    ASSERT_TRUE(cache_.write(sampleReference, sampleConfig));
    const auto others =
        QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ReadOther | QFileDevice::WriteOther;
    EXPECT_FALSE(QFileInfo(cache_.path(sampleReference)).permissions() & others);
}

TEST_F(HubCacheTest, keepsEndpointsRepositoriesAndRevisionsApart)
{
    QSet<QString> paths;
    for (const QString& endpoint :
         {u"https://huggingface.co"_s, u"http://huggingface.co"_s, u"https://huggingface.co:8443"_s,
          u"https://hub.example"_s, u"https://hub.example/hf"_s}) {
        for (const QString& repository : {u"org/name"_s, u"org-name"_s, u"org"_s, u"ORG/name"_s}) {
            for (const QString& revision : {u"main"_s, u"dev"_s, u"refs/pr/1"_s, u"refs-pr-1"_s}) {
                paths.insert(HubCache(QUrl(endpoint), directory_.path()).path({repository, revision}));
            }
        }
    }
    EXPECT_EQ(paths.size(), 5 * 4 * 4);
}

TEST_F(HubCacheTest, takesNoRevisionForMain)
{
    EXPECT_EQ(cache_.path({u"org/name"_s, {}}), cache_.path({u"org/name"_s, u"main"_s}));
}

TEST_F(HubCacheTest, hasSafeNamesWhateverTheReference)
{
    static const QRegularExpression safe(u"\\A[A-Za-z0-9_-]{1,200}\\.json\\z"_s);
    for (const QString& text :
         {u"../../etc/passwd"_s, u"/etc/passwd"_s, u"a\\b"_s, u"a\nb"_s, u".."_s, QString(5000, u'a'), u"\u00E4"_s}) {
        for (const HubReference& reference : {HubReference{text, {}}, HubReference{u"org/name"_s, text}}) {
            const QFileInfo file(cache_.path(reference));
            EXPECT_EQ(file.path(), directory_.path() + u"/deep/down"_s);
            EXPECT_TRUE(safe.match(file.fileName()).hasMatch()) << file.fileName().toStdString();
        }
    }
}

TEST_F(HubCacheTest, ignoresAndRemovesWhatIsNoConfig)
{
    for (const QByteArray& bytes : {QByteArray(), QByteArray("<html>"), QByteArray("[1]"), sampleConfig.chopped(1),
                                    QByteArray("{\"a\": \"" + QByteArray(2000, 'x') + "\"}")}) {
        put(sampleReference, bytes);
        EXPECT_FALSE(cache_.read(sampleReference, enough));
        EXPECT_FALSE(QFile::exists(cache_.path(sampleReference)));
    }
}

TEST_F(HubCacheTest, survivesAFolderInThePlaceOfTheFile)
{
    ASSERT_TRUE(QDir().mkpath(cache_.path(sampleReference)));
    EXPECT_FALSE(cache_.read(sampleReference, enough));
    EXPECT_FALSE(cache_.write(sampleReference, sampleConfig));
}

TEST_F(HubCacheTest, survivesADirectoryThatCannotBeMade)
{
    const HubCache cache(hub, u"/dev/null/cache"_s);
    EXPECT_FALSE(cache.write(sampleReference, sampleConfig));
    EXPECT_FALSE(cache.read(sampleReference, enough));
}

TEST_F(HubCacheTest, keepsNothingWithoutADirectory)
{
    const HubCache cache(hub, {});
    EXPECT_FALSE(cache.write(sampleReference, sampleConfig));
    EXPECT_FALSE(cache.read(sampleReference, enough));
}

} // namespace
} // namespace weighbridge::test
