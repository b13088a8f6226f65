#include "tests/ui/hub/printers.h"
#include "ui/hub/hub_request.h"

#include <gtest/gtest.h>
#include <string>

namespace weighbridge::test {
namespace {

using namespace Qt::StringLiterals;

struct Accepted
{
    const char* name;
    QString text;
    QString repository;
    QString revision;
    QString base = u"https://huggingface.co"_s;
};

class AcceptedReference : public ::testing::TestWithParam<Accepted>
{
};

TEST_P(AcceptedReference, isReadAsRepositoryAndRevision)
{
    const Accepted& row = GetParam();
    const ParsedReference parsed = parseModelReference(row.text, QUrl(row.base));
    ASSERT_TRUE(parsed.reference) << parsed.error.toStdString();
    EXPECT_EQ(parsed.reference->repository, row.repository);
    EXPECT_EQ(parsed.reference->revision, row.revision);
    EXPECT_TRUE(parsed.error.isEmpty());
}

const QString mirror = u"https://hub.example:8443"_s;
const QString pathMirror = u"https://hub.example/hf"_s;

INSTANTIATE_TEST_SUITE_P(
    Table, AcceptedReference,
    ::testing::Values(
        Accepted{"Name", u"Qwen/Qwen3-8B"_s, u"Qwen/Qwen3-8B"_s, {}},
        Accepted{"SurroundingSpace", u"  Qwen/Qwen3-8B \n"_s, u"Qwen/Qwen3-8B"_s, {}},
        Accepted{"Legacy", u"gpt2"_s, u"gpt2"_s, {}}, Accepted{"Prefix", u"hf:Qwen/Qwen3-8B"_s, u"Qwen/Qwen3-8B"_s, {}},
        Accepted{"LinkPrefix", u"hf://Qwen/Qwen3-8B@v1"_s, u"Qwen/Qwen3-8B"_s, u"v1"_s},
        Accepted{"Revision", u"org/name@v1.0"_s, u"org/name"_s, u"v1.0"_s},
        Accepted{"RevisionWithSlashes", u"org/name@refs/pr/1"_s, u"org/name"_s, u"refs/pr/1"_s},
        Accepted{"LegacyRevision", u"gpt2@main"_s, u"gpt2"_s, u"main"_s},
        Accepted{"DotsAndUnderscores", u"01-ai/Yi_1.5-9B"_s, u"01-ai/Yi_1.5-9B"_s, {}},
        Accepted{"Page", u"https://huggingface.co/org/name"_s, u"org/name"_s, {}},
        Accepted{"PageSlash", u"https://huggingface.co/org/name/"_s, u"org/name"_s, {}},
        Accepted{"PageQuery", u"https://huggingface.co/org/name?library=transformers#usage"_s, u"org/name"_s, {}},
        Accepted{"PageLegacy", u"https://huggingface.co/gpt2"_s, u"gpt2"_s, {}},
        Accepted{"PageUpperCaseHost", u"HTTPS://HuggingFace.co/org/Name"_s, u"org/Name"_s, {}},
        Accepted{"PageWithoutScheme", u"huggingface.co/org/name"_s, u"org/name"_s, {}},
        Accepted{"LegacyWithoutScheme", u"huggingface.co/gpt2"_s, u"gpt2"_s, {}},
        Accepted{"ShortHost", u"https://hf.co/org/name"_s, u"org/name"_s, {}},
        Accepted{"PlainHttp", u"http://huggingface.co/org/name"_s, u"org/name"_s, {}},
        Accepted{"Tree", u"https://huggingface.co/org/name/tree/main"_s, u"org/name"_s, u"main"_s},
        Accepted{"TreeSlash", u"https://huggingface.co/org/name/tree/main/"_s, u"org/name"_s, u"main"_s},
        Accepted{"TreeLegacy", u"https://huggingface.co/gpt2/tree/main"_s, u"gpt2"_s, u"main"_s},
        Accepted{"TreeEncoded", u"https://huggingface.co/org/name/tree/refs%2Fpr%2F7"_s, u"org/name"_s, u"refs/pr/7"_s},
        Accepted{"TreeRefs", u"https://huggingface.co/org/name/tree/refs/pr/7"_s, u"org/name"_s, u"refs/pr/7"_s},
        Accepted{"Blob", u"https://huggingface.co/org/name/blob/abc123/config.json"_s, u"org/name"_s, u"abc123"_s},
        Accepted{"BlobRefs", u"https://huggingface.co/org/name/blob/refs%2Fpr%2F7/config.json"_s, u"org/name"_s,
                 u"refs/pr/7"_s},
        Accepted{"Resolve", u"https://huggingface.co/org/name/resolve/v2/config.json?download=true"_s, u"org/name"_s,
                 u"v2"_s},
        Accepted{"Raw", u"https://huggingface.co/org/name/raw/v2/config.json"_s, u"org/name"_s, u"v2"_s},
        Accepted{"Commit", u"https://huggingface.co/org/name/commit/abc123"_s, u"org/name"_s, u"abc123"_s},
        Accepted{"Discussions", u"https://huggingface.co/org/name/discussions/3"_s, u"org/name"_s, {}},
        Accepted{"DiscussionsLegacy", u"https://huggingface.co/gpt2/discussions"_s, u"gpt2"_s, {}},
        Accepted{
            "MirrorPathSlash", u"https://hub.example/hf/org/name/"_s, u"org/name"_s, {}, u"https://hub.example/hf/"_s},
        Accepted{"MirrorPathAsPrefixOnly", u"https://hub.example/hfx/name"_s, u"hfx/name"_s, {}, pathMirror},
        Accepted{"CloneAddress", u"https://huggingface.co/org/name.git"_s, u"org/name"_s, {}},
        Accepted{"Mirror", u"https://hub.example:8443/org/name/tree/dev"_s, u"org/name"_s, u"dev"_s, mirror},
        Accepted{"MirrorWithoutScheme", u"hub.example:8443/org/name"_s, u"org/name"_s, {}, mirror},
        Accepted{"MirrorPath", u"https://hub.example/hf/org/name"_s, u"org/name"_s, {}, pathMirror},
        Accepted{"OfficialWithMirror", u"https://huggingface.co/org/name"_s, u"org/name"_s, {}, mirror}),
    [](const auto& row) { return std::string(row.param.name); });

struct Refused
{
    const char* name;
    QString text;
    const char* says; ///< a part of the message
};

class RefusedReference : public ::testing::TestWithParam<Refused>
{
};

TEST_P(RefusedReference, saysWhy)
{
    const ParsedReference parsed = parseModelReference(GetParam().text);
    EXPECT_FALSE(parsed.reference);
    EXPECT_NE(parsed.error.indexOf(QLatin1String(GetParam().says)), -1) << parsed.error.toStdString();
}

INSTANTIATE_TEST_SUITE_P(
    Table, RefusedReference,
    ::testing::Values(
        Refused{"Empty", u""_s, "Type a model"}, Refused{"Blank", u"  \t"_s, "Type a model"},
        Refused{"Space", u"org/my model"_s, "no spaces"}, Refused{"Newline", u"org/name\nHost: evil"_s, "no spaces"},
        Refused{"Null", u"org/na"_s + QChar(0) + u"me"_s, "invisible"},
        Refused{"ZeroWidthSpace", u"org/na\u200Bme"_s, "invisible"},
        Refused{"NonAscii", u"org/n\u00E4me"_s, "org/name"}, Refused{"DotDot", u"org/.."_s, "org/name"},
        Refused{"DotDotFirst", u"../etc"_s, "org/name"}, Refused{"DotDotInside", u"org/a..b"_s, "org/name"},
        Refused{"Absolute", u"/etc/passwd"_s, "org/name"}, Refused{"ThreeParts", u"a/b/c"_s, "org/name"},
        Refused{"TrailingSlash", u"org/"_s, "org/name"}, Refused{"Percent", u"org/na%2e"_s, "org/name"},
        Refused{"Query", u"org/name?x"_s, "org/name"}, Refused{"Backslash", u"org\\name"_s, "org/name"},
        Refused{"TooLong", u"org/"_s + QString(97, u'a'), "too long"},
        Refused{"RevisionMissing", u"org/name@"_s, "missing"},
        Refused{"RevisionDotDot", u"org/name@a/../b"_s, "branch"}, Refused{"RevisionSlash", u"org/name@/a"_s, "branch"},
        Refused{"RevisionQuery", u"org/name@a?b"_s, "branch"}, Refused{"RevisionTwice", u"org/name@a@b"_s, "branch"},
        Refused{"DatasetLink", u"https://huggingface.co/datasets/org/name"_s, "data set"},
        Refused{"DatasetName", u"datasets/squad"_s, "data set"},
        Refused{"SpaceLink", u"https://huggingface.co/spaces/org/name"_s, "Space"},
        Refused{"Docs", u"https://huggingface.co/docs/transformers"_s, "not a model"},
        Refused{"OtherHost", u"https://example.com/org/name"_s, "another site"},
        Refused{"HostAsSuffix", u"https://huggingface.co.evil.example/org/name"_s, "another site"},
        Refused{"OtherPort", u"https://huggingface.co:444/org/name"_s, "another site"},
        Refused{"OtherScheme", u"ftp://huggingface.co/org/name"_s, "another site"},
        Refused{"LocalFile", u"file:///etc/passwd"_s, "can't be read"},
        Refused{"UserInLink", u"https://me:secret@huggingface.co/org/name"_s, "can't be read"},
        Refused{"NoModel", u"https://huggingface.co/"_s, "names no model"},
        Refused{"LinkDotDot", u"https://huggingface.co/org/name/tree/..%2F..%2Fx"_s, "branch"},
        Refused{"LinkControl", u"https://huggingface.co/org/na%0Ame"_s, "org/name"},
        Refused{"SubFolder", u"https://huggingface.co/org/name/blob/main/unet/config.json"_s, "sub-folder"},
        Refused{"TreeSubFolder", u"https://huggingface.co/org/name/tree/main/unet"_s, "sub-folder"},
        Refused{"Token", u"hf_abcdefghijklmnopqrstuvwxyzABCDEF"_s, "access token"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(RefusedReference, quotesNeitherPasswordNorToken)
{
    EXPECT_FALSE(parseModelReference(u"https://me:secret@huggingface.co/org/name"_s).error.contains(u"secret"_s));
    EXPECT_FALSE(parseModelReference(u"hf_abcdefghijklmnopqrstuvwxyzABCDEF"_s).error.contains(u"abcdef"_s));
}

struct Address
{
    const char* name;
    QString base;
    HubReference reference;
    QString url;
};

class ConfigAddress : public ::testing::TestWithParam<Address>
{
};

TEST_P(ConfigAddress, isTheHubsResolveAddress)
{
    EXPECT_EQ(configUrl(QUrl(GetParam().base), GetParam().reference).toString(QUrl::FullyEncoded), GetParam().url);
}

INSTANTIATE_TEST_SUITE_P(Table, ConfigAddress,
                         ::testing::Values(Address{"MainByDefault",
                                                   u"https://huggingface.co"_s,
                                                   {u"org/name"_s, {}},
                                                   u"https://huggingface.co/org/name/resolve/main/config.json"_s},
                                           Address{"Legacy",
                                                   u"https://huggingface.co/"_s,
                                                   {u"gpt2"_s, u"v1"_s},
                                                   u"https://huggingface.co/gpt2/resolve/v1/config.json"_s},
                                           Address{
                                               "RevisionIsOneSegment",
                                               u"https://huggingface.co"_s,
                                               {u"org/name"_s, u"refs/pr/1"_s},
                                               u"https://huggingface.co/org/name/resolve/refs%2Fpr%2F1/config.json"_s},
                                           Address{"BaseWithPath",
                                                   u"https://hub.example:8443/hf/"_s,
                                                   {u"org/name"_s, {}},
                                                   u"https://hub.example:8443/hf/org/name/resolve/main/config.json"_s}),
                         [](const auto& row) { return std::string(row.param.name); });

} // namespace
} // namespace weighbridge::test
