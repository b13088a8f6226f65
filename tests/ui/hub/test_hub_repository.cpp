// Which file of a repository is meant, by reference and by list.

#include "tests/ui/hub/printers.h"
#include "ui/hub/hub_repository.h"
#include "ui/hub/hub_request.h"

#include <gtest/gtest.h>
#include <string>

namespace weighbridge::test {
namespace {

using namespace Qt::StringLiterals;

struct Named
{
    const char* name;
    QString text;
    HubReference reference;
};

class NamedFile : public ::testing::TestWithParam<Named>
{
};

TEST_P(NamedFile, isReadAndWrittenAgain)
{
    const ParsedReference parsed = parseModelReference(GetParam().text);
    ASSERT_TRUE(parsed.reference) << parsed.error.toStdString();
    EXPECT_EQ(parsed.reference->repository, GetParam().reference.repository);
    EXPECT_EQ(parsed.reference->revision, GetParam().reference.revision);
    EXPECT_EQ(parsed.reference->file, GetParam().reference.file);
    EXPECT_EQ(parseModelReference(referenceText(*parsed.reference)).reference->file, GetParam().reference.file);
}

INSTANTIATE_TEST_SUITE_P(
    Table, NamedFile,
    ::testing::Values(Named{"Tag", u"org/name-GGUF:Q4_K_M"_s, {u"org/name-GGUF"_s, {}, u"Q4_K_M"_s}},
                      Named{"Prefix", u"hf:org/name:IQ2_XXS"_s, {u"org/name"_s, {}, u"IQ2_XXS"_s}},
                      Named{"Revision", u"org/name@v1:x.gguf"_s, {u"org/name"_s, u"v1"_s, u"x.gguf"_s}},
                      Named{"Folder", u"org/name:BF16/x.gguf"_s, {u"org/name"_s, {}, u"BF16/x.gguf"_s}},
                      Named{"Link",
                            u"https://huggingface.co/org/name/blob/main/x-Q4_0.gguf"_s,
                            {u"org/name"_s, u"main"_s, u"x-Q4_0.gguf"_s}},
                      Named{"LinkToFolder",
                            u"https://huggingface.co/org/name/resolve/v2/Q8_0/x.gguf?download=true"_s,
                            {u"org/name"_s, u"v2"_s, u"Q8_0/x.gguf"_s}},
                      Named{"NoFile", u"org/name"_s, {u"org/name"_s, {}, {}}}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(NamedFile, isRefusedWhereItCanBeNone)
{
    for (const QString& text :
         {u"org/name:"_s, u"org/name:../x.gguf"_s, u"org/name:/etc/x.gguf"_s, u"org/name:a//b.gguf"_s,
          u"org/name:.hidden.gguf"_s, u"org/name:model.safetensors"_s, u"org/name:folder/config.json"_s,
          u"org/name:a:b"_s, u"org/name:%2e%2e"_s, QString(u"org/name:"_s + QString(300, u'x'))})
        EXPECT_FALSE(parseModelReference(text).reference) << text.toStdString();
}

TEST(FileUrl, encodesWhatIsNoName)
{
    const HubReference reference{u"org/name"_s, u"refs/pr/1"_s, {}};
    EXPECT_EQ(fileUrl(QUrl(u"https://hub.example/hf/"_s), reference, u"a b/x?y#z.gguf"_s).toEncoded(),
              "https://hub.example/hf/org/name/resolve/refs%2Fpr%2F1/a%20b/x%3Fy%23z.gguf");
    EXPECT_EQ(repositoryUrl(QUrl(u"https://hub.example"_s), reference).toEncoded(),
              "https://hub.example/api/models/org/name/revision/refs%2Fpr%2F1?blobs=true");
}

TEST(Repository, takesWhatIsAsItShouldBe)
{
    const auto read = parseRepository(R"({"siblings": [{"rfilename": "a.gguf", "size": 12}, {"rfilename": "b.gguf"},
        {"rfilename": "", "size": 1}, {"size": 1}, 7, {"rfilename": "c.gguf", "size": -5}, {"rfilename": "d", "size": 1e300},
        {"rfilename": "e", "size": "9"}], "safetensors": {"parameters": {"BF16": 8030261248, "F32": -1, "I8": "x"}}})");
    ASSERT_TRUE(read);
    ASSERT_EQ(read->files.size(), 5);
    EXPECT_EQ(read->files.at(0).size, 12);
    for (int i = 1; i < 5; ++i)
        EXPECT_EQ(read->files.at(i).size, -1) << i;
    ASSERT_EQ(read->counts.size(), 1);
    EXPECT_EQ(read->counts.at(0).elements, 8'030'261'248);
}

TEST(Repository, isNothingElse)
{
    for (const QByteArray& body :
         {QByteArray(), QByteArray("{}"), QByteArray("[]"), QByteArray("null"), QByteArray(R"({"siblings": {}})"),
          QByteArray(R"({"siblings": [)"), QByteArray(100'000, '['), QByteArray("<html>")})
        EXPECT_FALSE(parseRepository(body)) << body.left(20).toStdString();
}

HubRepository filesCalled(const QStringList& names)
{
    HubRepository repository;
    for (const QString& name : names)
        repository.files.append({name, 10});
    return repository;
}

TEST(GgufChoices, aQuantizationIsTheLastPartOfAName)
{
    const QList<GgufChoice> choices =
        ggufChoices(filesCalled({u"m-Q4_K_M.gguf"_s, u"m-Q4_K_M_L.gguf"_s, u"m.Q8_0.gguf"_s, u"f/m-UD-IQ1_M.gguf"_s,
                                 u"m-f16.gguf"_s, u"README.md"_s, u"Q6_K.gguf"_s}));
    ASSERT_EQ(choices.size(), 6);
    const auto only = [&](const QString& wanted) {
        const auto matching = matchingChoices(choices, wanted);
        return matching.size() == 1 ? matching.first().name : QString::number(matching.size());
    };
    EXPECT_EQ(only(u"Q4_K_M"_s), u"m-Q4_K_M.gguf"_s);
    EXPECT_EQ(only(u"q8_0"_s), u"m.Q8_0.gguf"_s);
    EXPECT_EQ(only(u"F16"_s), u"m-f16.gguf"_s);
    EXPECT_EQ(only(u"Q6_K"_s), u"Q6_K.gguf"_s);
    EXPECT_EQ(only(u"UD-IQ1_M"_s), u"f/m-UD-IQ1_M.gguf"_s);
    EXPECT_EQ(only(u"m-UD-IQ1_M.gguf"_s), u"f/m-UD-IQ1_M.gguf"_s);
    EXPECT_EQ(only(u"4_K_M"_s), u"0"_s);
    EXPECT_EQ(only(u"Q5_0"_s), u"0"_s);
    EXPECT_EQ(choices.at(3).label(), u"UD-IQ1_M"_s);
    EXPECT_EQ(choices.at(4).label(), u"f16"_s);
}

TEST(GgufChoices, partsOfASplitFileAreOne)
{
    const QList<GgufChoice> choices =
        ggufChoices(filesCalled({u"x-00002-of-00002.gguf"_s, u"x-00001-of-00002.gguf"_s, u"y-00001-of-10000.gguf"_s}));
    ASSERT_EQ(choices.size(), 1);
    EXPECT_EQ(choices.first().parts, QStringList({u"x-00001-of-00002.gguf"_s, u"x-00002-of-00002.gguf"_s}));
    EXPECT_EQ(choices.first().bytes, 20);
    EXPECT_EQ(matchingChoices(choices, u"x-00002-of-00002.gguf"_s).size(), 1);
}

} // namespace
} // namespace weighbridge::test
