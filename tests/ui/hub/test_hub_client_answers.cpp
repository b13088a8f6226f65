// What each answer of the Hub becomes, over a real socket.

#include "tests/ui/hub/hub_fixture.h"

#include <string>

namespace weighbridge::test {
namespace {

TEST_F(HubClientTest, fetchesAConfig)
{
    MisbehavingServer server(always(httpAnswer(200, sampleConfig)));
    HubClient client(manager_, server.url(), cacheDirectory());
    QSignalSpy progress(&client, &HubClient::progress);
    const HubResult result = fetched(client);
    EXPECT_EQ(result.status, HubStatus::Ok) << result.message.toStdString();
    EXPECT_TRUE(result.hasConfig());
    EXPECT_EQ(result.bytes, sampleConfig);
    EXPECT_EQ(result.repository, u"org/model"_s);
    EXPECT_EQ(result.revision, u"main"_s);
    ASSERT_FALSE(progress.isEmpty());
    EXPECT_EQ(progress.last().at(0).toLongLong(), sampleConfig.size());
    EXPECT_EQ(progress.last().at(1).toLongLong(), sampleConfig.size());
}

TEST_F(HubClientTest, asksForTheFileAtTheRevision)
{
    MisbehavingServer server(always(httpAnswer(200, sampleConfig)));
    HubClient client(manager_, server.url(), cacheDirectory());
    EXPECT_EQ(fetched(client, {u"org/model"_s, u"refs/pr/1"_s}).revision, u"refs/pr/1"_s);
    ASSERT_EQ(server.requests().size(), 1);
    EXPECT_EQ(server.requests().first().method, "GET");
    EXPECT_EQ(server.requests().first().target, "/org/model/resolve/refs%2Fpr%2F1/config.json");
    EXPECT_EQ(server.requests().first().header("Accept-Encoding"), "identity");
    EXPECT_TRUE(server.requests().first().header("Authorization").isEmpty());
    EXPECT_TRUE(server.requests().first().header("User-Agent").startsWith("Weighbridge/"));
}

TEST_F(HubClientTest, takesABodyInChunks)
{
    MisbehavingServer server(
        always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n3\r\n 1}\r\n0\r\n\r\n"));
    HubClient client(manager_, server.url(), cacheDirectory());
    QSignalSpy progress(&client, &HubClient::progress);
    EXPECT_EQ(fetched(client).bytes, R"({"a": 1})");
    ASSERT_FALSE(progress.isEmpty());
    EXPECT_EQ(progress.last().at(1).toLongLong(), -1);
}

TEST_F(HubClientTest, takesWhatPythonWrites)
{
    const QByteArray config = "\xEF\xBB\xBF{\"a\": NaN, \"b\": -Infinity}\n";
    MisbehavingServer server(always(httpAnswer(200, config)));
    HubClient client(manager_, server.url(), cacheDirectory());
    EXPECT_EQ(fetched(client).bytes, config);
}

struct Answered
{
    const char* name;
    QByteArray answer;
    HubStatus status;
    const char* says;
    QByteArray token = {};
};

class HubClientAnswer : public HubClientTest, public ::testing::WithParamInterface<Answered>
{
};

TEST_P(HubClientAnswer, hasItsStatusAndWords)
{
    MisbehavingServer server(thenClose(GetParam().answer));
    HubClient client(manager_, server.url(), cacheDirectory());
    const HubResult result = fetched(client, sampleReference, GetParam().token);
    EXPECT_EQ(result.status, GetParam().status) << result.message.toStdString();
    EXPECT_TRUE(result.message.contains(QLatin1String(GetParam().says))) << result.message.toStdString();
    EXPECT_FALSE(result.message.contains(QString::fromLatin1(sampleToken)));
    EXPECT_TRUE(result.bytes.isEmpty());
    EXPECT_FALSE(result.hasConfig());
    EXPECT_EQ(result.repository, u"org/model"_s);
    EXPECT_TRUE(cacheContents().isEmpty()) << "a failure was kept";
}

QByteArray coded(int status, const QByteArray& code)
{
    return httpAnswer(status, "{\"error\": \"no\"}", "X-Error-Code: " + code + "\r\n");
}

INSTANTIATE_TEST_SUITE_P(
    Table, HubClientAnswer,
    ::testing::Values(
        Answered{"Unauthorized", httpAnswer(401, "no", "WWW-Authenticate: Basic realm=\"x\"\r\n"), HubStatus::Gated,
                 "request access on its page"},
        Answered{"Forbidden", httpAnswer(403, "no"), HubStatus::Gated, "request access on its page", sampleToken},
        Answered{"GatedWithoutToken", coded(401, "GatedRepo"), HubStatus::Gated, "then give a token"},
        Answered{"GatedWithToken", coded(403, "GatedRepo"), HubStatus::Gated, "The token does not open", sampleToken},
        Answered{"UnauthorizedButMissing", coded(401, "RepoNotFound"), HubStatus::NotFoundRepository,
                 "There is no model org/model"},
        Answered{"TokenUnknown",
                 httpAnswer(401, "no",
                            "X-Error-Message: Invalid credentials in Authorization header\r\n"
                            "WWW-Authenticate: Bearer realm=\"Authentication required\"\r\n"),
                 HubStatus::BadToken, "does not know the token", sampleToken},
        Answered{"RepositoryMissing", coded(404, "RepoNotFound"), HubStatus::NotFoundRepository,
                 "There is no model org/model"},
        Answered{"RevisionMissing", coded(404, "RevisionNotFound"), HubStatus::NotFoundRevision,
                 "no branch, tag or commit main"},
        Answered{"FileMissing", coded(404, "EntryNotFound"), HubStatus::NotFoundFile, "has no config.json"},
        Answered{"MissingUnexplained", httpAnswer(404, "Not Found"), HubStatus::NotFound, "does not say which"},
        Answered{"RateLimited", httpAnswer(429, "slow down", "Retry-After: 30\r\n"), HubStatus::RateLimited,
                 "30 seconds"},
        Answered{"InternalError", httpAnswer(500, "oops"), HubStatus::ServerError, "500"},
        Answered{"Unavailable", httpAnswer(503, "<html>"), HubStatus::ServerError, "503"},
        Answered{"Teapot", httpAnswer(418, "teapot"), HubStatus::UnexpectedAnswer, "418"},
        Answered{"NoContent", "HTTP/1.1 204 No Content\r\n\r\n", HubStatus::UnexpectedAnswer, "204"},
        Answered{"PartialContent", httpAnswer(206, "{}"), HubStatus::UnexpectedAnswer, "206"},
        Answered{"Empty", httpAnswer(200), HubStatus::NotJson, "not JSON"},
        Answered{"WebPage", httpAnswer(200, "<!doctype html><html></html>"), HubStatus::NotJson, "web page"},
        Answered{"Words", httpAnswer(200, "not a config"), HubStatus::NotJson, "not JSON"},
        Answered{"List", httpAnswer(200, "[1, 2]"), HubStatus::WrongShape, "named values"},
        Answered{"Number", httpAnswer(200, "42"), HubStatus::WrongShape, "named values"},
        Answered{"CutByTheServer", httpAnswer(200, R"({"a": {"b": 1})"), HubStatus::Truncated, "Only a part"},
        Answered{"ShorterThanDeclared", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\": 1}",
                 HubStatus::Truncated, "broke"},
        Answered{"HeaderAndNoBody", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", HubStatus::Truncated, "broke"},
        Answered{"ChunksCutShort",
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{\"a\": ", HubStatus::Truncated, ""},
        Answered{"CloseDelimitedCutShort", "HTTP/1.0 200 OK\r\n\r\n{\"a\": ", HubStatus::Truncated, "part"},
        Answered{"ClosedUnanswered", "", HubStatus::NoNetwork, "without an answer"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(HubClientTest, saysThatAnAnswerIsNotHttp)
{
    MisbehavingServer server(thenClose("SSH-2.0-OpenSSH_9.2\r\n\r\n"));
    HubClient client(manager_, server.url(), cacheDirectory());
    const HubResult result = fetched(client);
    // Which of the two is Qt's choice, and not the same in all its versions.
    EXPECT_TRUE(result.status == HubStatus::NoNetwork || result.status == HubStatus::UnexpectedAnswer);
    EXPECT_TRUE(result.message.contains(u"answer"_s)) << result.message.toStdString();
}

TEST_F(HubClientTest, doesNotWaitForTheBodyOfAnError)
{
    MisbehavingServer server(always("HTTP/1.1 404 Not Found\r\nContent-Length: 1000000000\r\n\r\nendless"));
    HubClient client(manager_, server.url(), cacheDirectory());
    EXPECT_EQ(fetched(client).status, HubStatus::NotFound);
}

TEST_F(HubClientTest, refusesALargeFileByItsHeader)
{
    MisbehavingServer server(always("HTTP/1.1 200 OK\r\nContent-Length: 8388609\r\n\r\n{"));
    HubClient client(manager_, server.url(), cacheDirectory());
    EXPECT_EQ(fetched(client).status, HubStatus::TooLarge);
}

TEST_F(HubClientTest, refusesALargeFileByItsBytes)
{
    // Chunks without end and without a Content-Length, one more whenever the last is on its way.
    MisbehavingServer server([](QTcpSocket& socket, const ServerRequest&) {
        const QByteArray chunk = "400\r\n" + QByteArray(1024, ' ') + "\r\n";
        QObject::connect(&socket, &QTcpSocket::bytesWritten, &socket, [&socket, chunk] {
            if (socket.bytesToWrite() < 65536) {
                socket.write(chunk);
            }
        });
        socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk);
    });
    HubClient client(manager_, server.url(), cacheDirectory());
    client.setMaximumBytes(100'000);
    EXPECT_EQ(fetched(client).status, HubStatus::TooLarge);
}

TEST_F(HubClientTest, takesAFileOfExactlyTheLimit)
{
    MisbehavingServer server(always(httpAnswer(200, sampleConfig)));
    HubClient client(manager_, server.url(), cacheDirectory());
    client.setMaximumBytes(sampleConfig.size());
    EXPECT_EQ(fetched(client).status, HubStatus::Ok);
    client.setMaximumBytes(sampleConfig.size() - 1);
    EXPECT_EQ(fetched(client).status, HubStatus::TooLarge);
}

TEST_F(HubClientTest, unpacksNoBomb)
{
    // 64 MiB of spaces in 64 KiB, sent although "identity" was asked for.
    const QByteArray bomb = qCompress(QByteArray(67'108'864, ' '), 9).mid(4);
    MisbehavingServer server(always(httpAnswer(200, bomb, "Content-Encoding: deflate\r\n")));
    HubClient client(manager_, server.url(), cacheDirectory());
    QSignalSpy progress(&client, &HubClient::progress);
    EXPECT_EQ(fetched(client).status, HubStatus::NotJson);
    ASSERT_FALSE(progress.isEmpty());
    EXPECT_EQ(progress.last().at(0).toLongLong(), bomb.size());
}

} // namespace
} // namespace weighbridge::test
