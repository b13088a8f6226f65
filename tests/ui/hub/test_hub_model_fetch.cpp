// The headers of weights files, fetched in ranges: how much comes, where the token goes, what hostile servers get.

#include "tests/ui/hub/fake_hub.h"
#include "tests/ui/hub/hub_fixture.h"
#include "ui/hub/hub_kept_weights.h"
#include "ui/hub/hub_model_fetch.h"

#include <QTest>

namespace weighbridge::test {
namespace {

constexpr qint64 gigabytes = 1'073'741'824;
/// Worked by hand from fakeConfig: embedding, 4 + 3 matrices, 3 norms.
constexpr qint64 fakeElements = 32000 * 4096 + 4 * 4096 * 4096 + 3 * 4096 * 16384 + 3 * 4096;

class HubModelFetchTest : public HubClientTest
{
protected:
    HubModelFetchTest() { hub_.add(u"config.json"_s, fakeConfig); }

    HubResult fetch(const QUrl& url, const HubReference& reference = sampleReference, const QByteArray& token = {})
    {
        HubModelFetch fetch(manager_, url, cacheDirectory());
        QSignalSpy spy(&fetch, &HubModelFetch::finished);
        fetch.fetch(reference, token);
        EXPECT_TRUE(spy.isEmpty()) << "finished came from inside fetch";
        EXPECT_TRUE(spy.wait(20'000)) << "finished never came";
        EXPECT_FALSE(fetch.isRunning());
        return spy.isEmpty() ? HubResult() : spy.first().first().value<HubResult>();
    }

    static ModelPointer model(const HubResult& result)
    {
        const auto file = model_of_fetched(fetchedModel(result), "model", "org/model", {});
        EXPECT_TRUE(file) << (file ? "" : file.error().message);
        return file ? file->model : nullptr;
    }

    static std::int64_t stored(const HubResult& result)
    {
        const ModelPointer made = model(result);
        return made && made->published && made->published->stored ? made->published->stored->bytes : -1;
    }

    static bool noted(const HubResult& result, const char* words)
    {
        const ModelPointer made = model(result);
        return made && std::any_of(made->issues.begin(), made->issues.end(),
                                   [&](const Issue& issue) { return issue.message.find(words) != std::string::npos; });
    }

    /// A split model: an index and two shards.
    void addShards()
    {
        const ApparentFile first = fakeSafetensors("BF16", 2, 1);
        const ApparentFile second = fakeSafetensors("F32", 4, 2);
        hub_.files.insert(u"model-00001-of-00002.safetensors"_s, first);
        hub_.files.insert(u"model-00002-of-00002.safetensors"_s, second);
        QJsonObject map;
        for (const auto& [file, name] : {std::pair(&first, "model-00001-of-00002.safetensors"),
                                         std::pair(&second, "model-00002-of-00002.safetensors")}) {
            const QJsonObject tensors = QJsonDocument::fromJson(file->beginning.mid(8)).object();
            for (const QString& tensor : tensors.keys())
                map.insert(tensor, QString::fromLatin1(name));
        }
        hub_.add(u"model.safetensors.index.json"_s,
                 QJsonDocument(QJsonObject{{u"weight_map"_s, map}}).toJson(QJsonDocument::Compact));
    }

    FakeHub hub_;
};

TEST_F(HubModelFetchTest, readsTheHeaderOfASingleFileAndNoWeights)
{
    hub_.files.insert(u"model.safetensors"_s, fakeSafetensors("F32", 4));
    ASSERT_GT(hub_.files.value(u"model.safetensors"_s).size, gigabytes);
    MisbehavingServer server(hub_.handler());
    const HubResult result = fetch(server.url());
    EXPECT_EQ(result.status, HubStatus::Ok) << result.message.toStdString();
    EXPECT_EQ(stored(result), fakeElements * 4);
    EXPECT_LT(hub_.sent, 100'000);
    EXPECT_TRUE(noted(result, "") || model(result)->issues.empty());
}

TEST_F(HubModelFetchTest, readsTheIndexAndTheHeaderOfEachShard)
{
    addShards();
    MisbehavingServer server(hub_.handler());
    const HubResult result = fetch(server.url());
    EXPECT_EQ(result.status, HubStatus::Ok) << result.message.toStdString();
    constexpr qint64 outside = 32000 * 4096 + 4096;
    EXPECT_EQ(stored(result), outside * 2 + (fakeElements - outside) * 4) << result.weightsNote.toStdString();
    EXPECT_LT(hub_.sent, 100'000);
}

TEST_F(HubModelFetchTest, showsTheTokenToTheHubAndNotToItsStorage)
{
    addShards();
    FakeHub elsewhere = hub_;
    MisbehavingServer storage(elsewhere.handler());
    hub_.storage = storage.url().toEncoded();
    MisbehavingServer server(hub_.handler());
    const HubResult result = fetch(server.url(), sampleReference, sampleToken);
    EXPECT_EQ(result.status, HubStatus::Ok);
    EXPECT_GT(stored(result), 0) << result.weightsNote.toStdString();
    EXPECT_EQ(storage.requests().size(), 2);
    EXPECT_FALSE(storage.received().contains(sampleToken));
    for (const ServerRequest& request : storage.requests()) {
        EXPECT_FALSE(request.headers.contains("authorization"));
        EXPECT_TRUE(request.header("Range").startsWith("bytes=0-"));
    }
    for (const ServerRequest& request : server.requests())
        EXPECT_EQ(request.header("Authorization"), "Bearer " + sampleToken);
    EXPECT_FALSE(cacheContents().contains(sampleToken));
}

TEST_F(HubModelFetchTest, givesTheTokenToNobodyThatTheStorageForwardsTo)
{
    hub_.files.insert(u"model.safetensors"_s, fakeSafetensors("F32", 4));
    QByteArray back;
    MisbehavingServer storage([&](QTcpSocket& socket, const ServerRequest&) {
        socket.write(httpAnswer(302, "Found", "Location: " + back + "/elsewhere\r\n"));
    });
    hub_.storage = storage.url().toEncoded();
    MisbehavingServer server(hub_.handler());
    back = server.url().toEncoded();
    const HubResult result = fetch(server.url(), sampleReference, sampleToken);
    EXPECT_EQ(result.status, HubStatus::Ok);
    EXPECT_EQ(server.requests().last().target, "/elsewhere");
    EXPECT_FALSE(server.requests().last().headers.contains("authorization")) << "it came back by way of a stranger";
    EXPECT_EQ(stored(result), -1);
}

TEST_F(HubModelFetchTest, leavesAServerThatWouldSendTheWholeFile)
{
    hub_.files.insert(u"model.safetensors"_s, fakeSafetensors("F32", 4));
    const auto usual = hub_.handler();
    qint64 written = 0;
    MisbehavingServer server([&](QTcpSocket& socket, const ServerRequest& request) {
        if (!request.target.endsWith("model.safetensors")) {
            usual(socket, request);
            return;
        }
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(4 * gigabytes) + "\r\n\r\n");
        const auto more = [&socket, &written] {
            if (socket.bytesToWrite() < 65536)
                written += socket.write(QByteArray(65536, ' '));
        };
        QObject::connect(&socket, &QTcpSocket::bytesWritten, &socket, more);
        more();
    });
    const HubResult result = fetch(server.url());
    EXPECT_EQ(result.status, HubStatus::Ok) << "the estimate by rule is still there";
    EXPECT_TRUE(result.weightsNote.contains(u"only as a whole"_s)) << result.weightsNote.toStdString();
    EXPECT_EQ(stored(result), -1);
    EXPECT_TRUE(noted(result, "only as a whole"));
    QTest::qWait(100);
    EXPECT_LT(written, 16'777'216) << "what fits into the buffers of a socket";
}

struct Lie
{
    const char* name;
    const char* says; ///< in the note why the weights follow the rule
    QByteArray answer;
};

class LyingServer : public HubModelFetchTest, public ::testing::WithParamInterface<Lie>
{
};

TEST_P(LyingServer, getsNoBelief)
{
    hub_.files.insert(u"model.safetensors"_s, fakeSafetensors("F32", 4));
    const auto usual = hub_.handler();
    MisbehavingServer server([&](QTcpSocket& socket, const ServerRequest& request) {
        if (request.target.endsWith("model.safetensors")) {
            const qint64 size = hub_.files.value(u"model.safetensors"_s).size;
            socket.write(QByteArray(GetParam().answer).replace("SIZE", QByteArray::number(size)));
            socket.disconnectFromHost();
        } else {
            usual(socket, request);
        }
    });
    const HubResult result = fetch(server.url());
    EXPECT_EQ(result.status, HubStatus::Ok) << result.message.toStdString();
    EXPECT_TRUE(result.weightsNote.contains(QLatin1String(GetParam().says))) << result.weightsNote.toStdString();
    EXPECT_EQ(stored(result), -1);
}

INSTANTIATE_TEST_SUITE_P(
    Table, LyingServer,
    ::testing::Values(
        Lie{"AnotherPart", "another part",
            httpAnswer(206, QByteArray(32768, 'x'), "Content-Range: bytes 5-32772/99999\r\n")},
        Lie{"NoRange", "another part", httpAnswer(206, QByteArray(32768, 'x'))},
        Lie{"Rubbish", "another part", httpAnswer(206, "x", "Content-Range: bytes */-1\r\n")},
        Lie{"Overflow", "another part",
            httpAnswer(206, "x", "Content-Range: bytes 0-99999999999999999999/99999999999999999999\r\n")},
        Lie{"AnotherSize", "The size of",
            httpAnswer(206, QByteArray(32768, 'x'), "Content-Range: bytes 0-32767/99999\r\n")},
        Lie{"More", "more of model.safetensors than",
            "HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-32767/SIZE\r\n\r\n" + QByteArray(500'000, 'x')},
        Lie{"Less", "part of model.safetensors", "HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-32767/SIZE\r\n\r\nxx"},
        Lie{"Forbidden", "not open to everyone", httpAnswer(403)}, Lie{"NotSatisfiable", "status 416", httpAnswer(416)},
        Lie{"NoHttp", "closed the connection", "SSH-2.0\r\n"}, Lie{"ServerError", "status 503", httpAnswer(503)},
        Lie{"ToPlainNowhere", "forwards the request", httpAnswer(302, {}, "Location: file:///etc\r\n")}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(HubModelFetchTest, asksForNoHeaderBeyondTheLimit)
{
    // 90 MB are a legal header of the format; more than is fetched here.
    hub_.files.insert(u"model.safetensors"_s,
                      {QByteArray::fromStdString(testing::little_endian(90'000'000, 8)), 4 * gigabytes});
    MisbehavingServer server(hub_.handler());
    const HubResult result = fetch(server.url());
    EXPECT_EQ(result.status, HubStatus::Ok);
    EXPECT_TRUE(result.weightsNote.contains(u"more than"_s)) << result.weightsNote.toStdString();
    EXPECT_LT(hub_.sent, 100'000);
}

TEST_F(HubModelFetchTest, endsAGgufHeaderWithoutAnEnd)
{
    testing::GgufBytes file;
    // Twice what is fetched at most, in as few texts as keep this quick under a sanitizer.
    file.string("general.architecture", "llama").strings("tokenizer.ggml.tokens", 262'144, std::string(248, 'x'));
    const QByteArray endless = QByteArray::fromStdString(file.bytes());
    ASSERT_GE(endless.size(), 2 * HubModelFetch::mostGgufBytes);
    hub_.files.clear();
    hub_.files.insert(u"endless-Q4_0.gguf"_s, {endless, 8 * gigabytes});
    MisbehavingServer server(hub_.handler());
    const HubResult result = fetch(server.url(), {u"org/model"_s, {}, u"Q4_0"_s});
    EXPECT_EQ(result.status, HubStatus::TooLarge) << result.message.toStdString();
    EXPECT_LE(hub_.sent, HubModelFetch::mostGgufBytes);
}

TEST_F(HubModelFetchTest, growsUntilAGgufHeaderIsComplete)
{
    hub_.files.clear();
    hub_.files.insert(u"fake-F16.gguf"_s, fakeGguf(128'256));
    const qint64 header = hub_.files.first().beginning.size();
    ASSERT_GT(header, 1'900'000);
    MisbehavingServer server(hub_.handler());
    const HubResult result = fetch(server.url(), {u"org/model"_s, {}, u"f16"_s});
    EXPECT_EQ(result.status, HubStatus::Ok) << result.message.toStdString();
    constexpr qint64 matrices = 128'256 * 4096LL + 4 * 4096 * 4096 + 3 * 4096 * 16384;
    EXPECT_EQ(stored(result), matrices * 2 + 3 * 4096 * 4);
    EXPECT_EQ(model(result)->name, "model");
    EXPECT_LT(hub_.sent, 2 * header + 300'000);
}

TEST_F(HubModelFetchTest, offersTheFilesOfARepositoryWithoutConfig)
{
    hub_.files.clear();
    hub_.files.insert(u"fake-Q4_K_M.gguf"_s, {"x", 5 * gigabytes});
    hub_.files.insert(u"BF16/fake-BF16-00001-of-00002.gguf"_s, {"x", 10 * gigabytes});
    hub_.files.insert(u"BF16/fake-BF16-00002-of-00002.gguf"_s, {"x", 6 * gigabytes});
    hub_.files.insert(u"fake-Q8_0-00001-of-00002.gguf"_s, {"x", 1}); // its other part is missing
    hub_.files.insert(u"mmproj-F16.gguf"_s, {"x", 1});
    MisbehavingServer server(hub_.handler());
    const HubResult result = fetch(server.url());
    EXPECT_EQ(result.status, HubStatus::ChooseFile) << result.message.toStdString();
    ASSERT_EQ(result.choices.size(), 2);
    EXPECT_EQ(result.choices.at(0).name, u"BF16/fake-BF16-00001-of-00002.gguf"_s);
    EXPECT_EQ(result.choices.at(0).label(), u"BF16"_s);
    EXPECT_EQ(result.choices.at(0).bytes, 16 * gigabytes);
    EXPECT_EQ(result.choices.at(1).label(), u"Q4_K_M"_s);
    EXPECT_TRUE(result.message.contains(u"Q4_K_M"_s));

    const HubResult none = fetch(server.url(), {u"org/model"_s, {}, u"Q5_0"_s});
    EXPECT_EQ(none.status, HubStatus::ChooseFile);
    EXPECT_EQ(none.choices.size(), 2);
    EXPECT_TRUE(none.message.contains(u"no GGUF file Q5_0"_s)) << none.message.toStdString();
}

TEST_F(HubModelFetchTest, tellsTheCountsOfTheMetadataWhereTheIndexIsTooLong)
{
    hub_.files.insert(u"model.safetensors.index.json"_s, {"{}", HubModelFetch::mostIndexBytes + 1});
    hub_.counts = {{u"BF16"_s, 1000}, {u"F32"_s, 24}};
    MisbehavingServer server(hub_.handler());
    const HubResult result = fetch(server.url());
    EXPECT_EQ(result.status, HubStatus::Ok);
    EXPECT_EQ(stored(result), -1);
    EXPECT_TRUE(noted(result, "counts 2,096")) << "1,000 × 2 + 24 × 4";
    EXPECT_TRUE(noted(result, "24 of F32"));
    EXPECT_EQ(server.requests().size(), 2) << "config.json and the list";
}

TEST_F(HubModelFetchTest, estimatesByRuleWithoutSafetensorsOrList)
{
    {
        MisbehavingServer server(hub_.handler());
        const HubResult result = fetch(server.url());
        EXPECT_EQ(result.status, HubStatus::Ok);
        EXPECT_TRUE(noted(result, "no model.safetensors"));
    }
    hub_.lists = false;
    MisbehavingServer server(hub_.handler());
    const HubResult result = fetch(server.url());
    EXPECT_EQ(result.status, HubStatus::Ok);
    EXPECT_FALSE(result.weightsNote.isEmpty());
    EXPECT_EQ(stored(result), -1);
}

TEST_F(HubModelFetchTest, stopsAtAGate)
{
    MisbehavingServer server(always(httpAnswer(401, {}, "X-Error-Code: GatedRepo\r\n")));
    EXPECT_EQ(fetch(server.url()).status, HubStatus::Gated);
    EXPECT_EQ(server.requests().size(), 1);
    EXPECT_EQ(fetch(server.url(), {u"org/model"_s, {}, u"Q4_0"_s}).status, HubStatus::Gated);
}

TEST_F(HubModelFetchTest, keepsWhatItNeedsWithoutANetwork)
{
    addShards();
    hub_.files.insert(u"fake-F16.gguf"_s, fakeGguf(1000));
    const HubReference gguf{u"org/model"_s, {}, u"F16"_s};
    bool down = false;
    const auto usual = hub_.handler();
    MisbehavingServer server([&](QTcpSocket& socket, const ServerRequest& request) {
        if (down)
            socket.write(httpAnswer(503));
        else
            usual(socket, request);
    });
    const std::int64_t bytes = stored(fetch(server.url()));
    const std::int64_t ggufBytes = stored(fetch(server.url(), gguf));
    ASSERT_GT(bytes, 0);
    ASSERT_GT(ggufBytes, 0);
    down = true;
    for (const auto& [reference, expected] : {std::pair(sampleReference, bytes), std::pair(gguf, ggufBytes)}) {
        const HubResult result = fetch(server.url(), reference);
        EXPECT_EQ(result.status, HubStatus::FromCache) << result.message.toStdString();
        EXPECT_EQ(result.cause, HubStatus::ServerError);
        EXPECT_EQ(stored(result), expected);
        HubModelFetch idle(manager_, server.url(), cacheDirectory());
        const auto kept = idle.kept(reference);
        ASSERT_TRUE(kept);
        EXPECT_EQ(stored(*kept), expected);
    }
}

TEST_F(HubModelFetchTest, isCancelledAndReplacedAtEveryStep)
{
    addShards();
    const auto usual = hub_.handler();
    for (const QByteArray& stuck :
         {QByteArray("config.json"), QByteArray("/api/"), QByteArray("index.json"), QByteArray("00002.safetensors")}) {
        MisbehavingServer server([&](QTcpSocket& socket, const ServerRequest& request) {
            if (!request.target.contains(stuck))
                usual(socket, request);
        });
        HubModelFetch fetch(manager_, server.url(), cacheDirectory());
        QSignalSpy spy(&fetch, &HubModelFetch::finished);
        const auto asked = [&] {
            return std::any_of(server.requests().begin(), server.requests().end(),
                               [&](const ServerRequest& request) { return request.target.contains(stuck); });
        };
        fetch.fetch(sampleReference);
        EXPECT_TRUE(QTest::qWaitFor(asked, 5000)) << stuck.toStdString();
        fetch.fetch(sampleReference);
        ASSERT_EQ(spy.size(), 1);
        EXPECT_EQ(spy.first().first().value<HubResult>().status, HubStatus::Cancelled);
        EXPECT_TRUE(fetch.isRunning());
        fetch.cancel();
        ASSERT_EQ(spy.size(), 2);
        EXPECT_EQ(spy.last().first().value<HubResult>().status, HubStatus::Cancelled);
        EXPECT_FALSE(fetch.isRunning());
        QTest::qWait(30);
        EXPECT_EQ(spy.size(), 2);
    }
}

TEST_F(HubModelFetchTest, givesUpOnASilentStorage)
{
    hub_.files.insert(u"model.safetensors"_s, fakeSafetensors("F32", 4));
    const auto usual = hub_.handler();
    MisbehavingServer server([&](QTcpSocket& socket, const ServerRequest& request) {
        if (!request.target.endsWith("model.safetensors"))
            usual(socket, request);
    });
    HubModelFetch fetch(manager_, server.url(), cacheDirectory());
    fetch.setIdleTimeout(std::chrono::milliseconds(200));
    QSignalSpy spy(&fetch, &HubModelFetch::finished);
    fetch.fetch(sampleReference);
    ASSERT_TRUE(spy.wait(5000));
    const auto result = spy.first().first().value<HubResult>();
    EXPECT_EQ(result.status, HubStatus::Ok);
    EXPECT_TRUE(result.weightsNote.contains(u"sent nothing"_s)) << result.weightsNote.toStdString();
}

TEST(HubKeptWeights, unpackNothingElse)
{
    const std::vector<FetchedFile> files{{"a", 7, "abc"}, {"b", 1ULL << 40U, std::string(1000, 'x')}};
    const QByteArray packed = packHeaders(files);
    const auto again = unpackHeaders(packed);
    ASSERT_TRUE(again);
    ASSERT_EQ(again->size(), 2U);
    EXPECT_EQ(again->at(1).size, 1ULL << 40U);
    EXPECT_EQ(again->at(1).bytes, files[1].bytes);
    for (const qsizetype cut : {0, 3, 8, 20, 200})
        EXPECT_FALSE(unpackHeaders(packed.left(cut))) << cut;
    EXPECT_FALSE(unpackHeaders(packed + "x"));
    QByteArray many = packed;
    many[4] = '\x7f';
    EXPECT_FALSE(unpackHeaders(many));
}

} // namespace
} // namespace weighbridge::test
