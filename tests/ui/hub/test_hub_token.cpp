#include "tests/ui/hub/printers.h"
#include "ui/hub/hub_token.h"

#include <gtest/gtest.h>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>

namespace weighbridge::test {
namespace {

using namespace Qt::StringLiterals;

class HubTokenTest : public ::testing::Test
{
protected:
    HubTokenTest() { environment_.home = directory_.path() + u"/home"_s; }

    /// Writes a file below the test's directory, and its folders.
    QString write(const QString& name, const QByteArray& bytes) const
    {
        QString path = directory_.path() + u'/' + name;
        EXPECT_TRUE(QDir().mkpath(path.section(u'/', 0, -2)));
        QFile file(path);
        EXPECT_TRUE(file.open(QIODevice::WriteOnly));
        EXPECT_EQ(file.write(bytes), bytes.size());
        return path;
    }

    void set(const QString& name, const QString& value) { environment_.variables.insert(name, value); }

    QTemporaryDir directory_;
    HubEnvironment environment_;
};

TEST_F(HubTokenTest, isNoneWhereNothingIsSet)
{
    const HubToken token = resolveHubToken({}, environment_);
    EXPECT_TRUE(token.token.isEmpty());
    EXPECT_TRUE(token.error.isEmpty());
    EXPECT_EQ(token.source, HubTokenSource::None);
}

TEST_F(HubTokenTest, takesFieldBeforeEnvironmentBeforeFile)
{
    write(u"home/.cache/huggingface/token"_s, "hf_file\n");
    EXPECT_EQ(resolveHubToken(u" "_s, environment_).token, "hf_file");
    EXPECT_EQ(resolveHubToken(u" "_s, environment_).source, HubTokenSource::File);
    set(u"HF_TOKEN"_s, u" hf_environment\r\n"_s);
    EXPECT_EQ(resolveHubToken({}, environment_).token, "hf_environment");
    EXPECT_EQ(resolveHubToken({}, environment_).source, HubTokenSource::Environment);
    EXPECT_EQ(resolveHubToken(u"\thf_field\n"_s, environment_).token, "hf_field");
    EXPECT_EQ(resolveHubToken(u"hf_field"_s, environment_).source, HubTokenSource::Field);
}

TEST_F(HubTokenTest, looksForTheFileWhereHuggingFaceToolsPutIt)
{
    EXPECT_EQ(hubTokenPath(environment_), environment_.home + u"/.cache/huggingface/token"_s);
    set(u"XDG_CACHE_HOME"_s, u"/xdg"_s);
    EXPECT_EQ(hubTokenPath(environment_), u"/xdg/huggingface/token"_s);
    set(u"HF_HOME"_s, u"~/hf"_s);
    EXPECT_EQ(hubTokenPath(environment_), environment_.home + u"/hf/token"_s);
    set(u"HF_TOKEN_PATH"_s, u"/somewhere/token"_s);
    EXPECT_EQ(hubTokenPath(environment_), u"/somewhere/token"_s);
}

TEST_F(HubTokenTest, readsTheNamedFile)
{
    set(u"HF_TOKEN_PATH"_s, write(u"my token"_s, "  hf_named \n\n"));
    EXPECT_EQ(resolveHubToken({}, environment_).token, "hf_named");
}

TEST_F(HubTokenTest, isNoneWhereTheFileIsEmptyMissingOrAFolder)
{
    set(u"HF_TOKEN_PATH"_s, write(u"empty"_s, " \n"));
    EXPECT_EQ(resolveHubToken({}, environment_).source, HubTokenSource::None);
    set(u"HF_TOKEN_PATH"_s, directory_.path() + u"/missing"_s);
    EXPECT_EQ(resolveHubToken({}, environment_).source, HubTokenSource::None);
    set(u"HF_TOKEN_PATH"_s, directory_.path());
    EXPECT_EQ(resolveHubToken({}, environment_).source, HubTokenSource::None);
}

TEST_F(HubTokenTest, rejectsWhatWouldInjectAHeader)
{
    set(u"HF_TOKEN"_s, u"hf_good"_s);
    for (const QString& bad : {u"hf_a\r\nX-Evil: 1"_s, u"hf_a\nb"_s, u"hf_a b"_s, u"hf_a\x01"_s + u"b"_s,
                               u"hf_\u00E4"_s, u"hf_a"_s + QChar(0) + u"b"_s, QString(1025, u'a')}) {
        const HubToken token = resolveHubToken(bad, environment_);
        EXPECT_TRUE(token.token.isEmpty());
        EXPECT_FALSE(token.error.isEmpty()) << "a bad token was passed over";
        EXPECT_FALSE(token.error.contains(u"hf_a"_s));
        EXPECT_EQ(token.source, HubTokenSource::Field);
    }
}

TEST_F(HubTokenTest, rejectsABadFileAndSaysWhich)
{
    const QString path = write(u"two-lines"_s, "hf_one\nhf_two\n");
    set(u"HF_TOKEN_PATH"_s, path);
    const HubToken token = resolveHubToken({}, environment_);
    EXPECT_TRUE(token.token.isEmpty());
    EXPECT_TRUE(token.error.contains(path));
    EXPECT_FALSE(token.error.contains(u"hf_one"_s));
}

TEST_F(HubTokenTest, rejectsABadVariable)
{
    set(u"HF_TOKEN"_s, u"hf_a\nhf_b"_s);
    const HubToken token = resolveHubToken({}, environment_);
    EXPECT_TRUE(token.token.isEmpty());
    EXPECT_TRUE(token.error.contains(u"HF_TOKEN"_s));
}

} // namespace
} // namespace weighbridge::test
