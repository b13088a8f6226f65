// No connection, no trust, no movement.

#include "tests/ui/hub/fake_network.h"
#include "tests/ui/hub/hub_fixture.h"

#include <QTimer>
#include <string>

namespace weighbridge::test {
namespace {

using namespace std::chrono_literals;

TEST_F(HubClientTest, saysThatTheHostIsUnknown)
{
    HubClient client(manager_, QUrl(u"http://hub.invalid"_s), cacheDirectory());
    const HubResult result = fetched(client);
    EXPECT_EQ(result.status, HubStatus::HostNotFound) << result.message.toStdString();
    EXPECT_TRUE(result.message.contains(u"hub.invalid"_s));
}

TEST_F(HubClientTest, saysThatNobodyListens)
{
    QUrl url;
    {
        const MisbehavingServer gone(always({}));
        url = gone.url();
    }
    HubClient client(manager_, url, cacheDirectory());
    EXPECT_EQ(fetched(client).status, HubStatus::NoNetwork);
}

class NoNetworkAtAll : public HubClientTest, public ::testing::WithParamInterface<QNetworkReply::NetworkError>
{
};

TEST_P(NoNetworkAtAll, isSaid)
{
    FakeManager manager;
    manager.error = GetParam();
    HubClient client(manager, QUrl(u"https://huggingface.co"_s), cacheDirectory());
    EXPECT_EQ(fetched(client).status, HubStatus::NoNetwork);
}

INSTANTIATE_TEST_SUITE_P(Errors, NoNetworkAtAll,
                         ::testing::Values(QNetworkReply::NetworkSessionFailedError,
                                           QNetworkReply::TemporaryNetworkFailureError,
                                           QNetworkReply::UnknownNetworkError, QNetworkReply::ProxyNotFoundError));

TEST_F(HubClientTest, trustsNoUnknownCertificate)
{
    MisbehavingServer server(always(httpAnswer(200, sampleConfig)), MisbehavingServer::serverTls());
    HubClient client(manager_, server.url(), cacheDirectory());
    const HubResult result = fetched(client, sampleReference, sampleToken);
    EXPECT_EQ(result.status, HubStatus::TlsFailure) << result.message.toStdString();
    EXPECT_TRUE(result.message.contains(u"certificate"_s)) << result.message.toStdString();
    EXPECT_TRUE(server.requests().isEmpty());
}

TEST_F(HubClientTest, fetchesOverTlsThatIsTrusted)
{
    MisbehavingServer server(always(httpAnswer(200, sampleConfig)), MisbehavingServer::serverTls());
    HubClient client(manager_, server.url(), cacheDirectory());
    client.setTlsConfiguration(MisbehavingServer::clientTls());
    const HubResult result = fetched(client, sampleReference, sampleToken);
    EXPECT_EQ(result.status, HubStatus::Ok) << result.message.toStdString();
    ASSERT_EQ(server.requests().size(), 1);
    EXPECT_EQ(server.requests().first().header("Authorization"), "Bearer " + sampleToken);
}

TEST_F(HubClientTest, recoversWhenTrustComesLater)
{
    MisbehavingServer server(always(httpAnswer(200, sampleConfig)), MisbehavingServer::serverTls());
    HubClient client(manager_, server.url(), cacheDirectory());
    EXPECT_EQ(fetched(client).status, HubStatus::TlsFailure);
    client.setTlsConfiguration(MisbehavingServer::clientTls());
    EXPECT_EQ(fetched(client).status, HubStatus::Ok);
}

TEST_F(HubClientTest, saysThatAPlainServerIsNoTlsServer)
{
    MisbehavingServer server(thenClose("HTTP/1.1 400 Bad Request\r\n\r\n"));
    QUrl url = server.url();
    url.setScheme(u"https"_s);
    // The server waits for a request's end that never comes in a handshake; the client must not.
    HubClient client(manager_, url, cacheDirectory());
    client.setIdleTimeout(300ms);
    const HubStatus status = fetched(client).status;
    EXPECT_TRUE(status == HubStatus::Timeout || status == HubStatus::TlsFailure) << static_cast<int>(status);
}

struct Stall
{
    const char* name;
    QByteArray before; ///< what the server sends before it falls silent
};

class HubClientStall : public HubClientTest, public ::testing::WithParamInterface<Stall>
{
};

TEST_P(HubClientStall, isATimeout)
{
    MisbehavingServer server(always(GetParam().before));
    HubClient client(manager_, server.url(), cacheDirectory());
    client.setIdleTimeout(200ms);
    const HubResult result = fetched(client);
    EXPECT_EQ(result.status, HubStatus::Timeout) << result.message.toStdString();
    EXPECT_TRUE(result.message.contains(u"0.2 seconds"_s)) << result.message.toStdString();
    EXPECT_TRUE(result.bytes.isEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, HubClientStall,
    ::testing::Values(Stall{"BeforeTheAnswer", ""}, Stall{"InTheHeader", "HTTP/1.1 200 OK\r\nContent-"},
                      Stall{"BeforeTheBody", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"},
                      Stall{"InTheBody", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\": "},
                      Stall{"InARedirect", "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 9\r\n\r\n"}),
    [](const auto& row) { return std::string(row.param.name); });

/// Sends the body byte by byte, 40 ms apart.
MisbehavingServer::Handler dripping(const QByteArray& body)
{
    return [body](QTcpSocket& socket, const ServerRequest&) {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n\r\n");
        auto* const timer = new QTimer(&socket);
        QObject::connect(timer, &QTimer::timeout, &socket, [&socket, timer, body, sent = qsizetype(0)]() mutable {
            socket.write(body.mid(sent++, 1));
            if (sent == body.size()) {
                timer->stop();
            }
        });
        timer->start(40ms);
    };
}

TEST_F(HubClientTest, losesPatienceWithAServerThatOnlyDrips)
{
    MisbehavingServer server(dripping(QByteArray(1000, ' ')));
    HubClient client(manager_, server.url(), cacheDirectory());
    client.setIdleTimeout(450ms);
    client.setPatience(300ms);
    const HubResult result = fetched(client);
    EXPECT_EQ(result.status, HubStatus::Timeout) << result.message.toStdString();
    EXPECT_TRUE(result.message.contains(u"config.json; it was given up"_s)) << result.message.toStdString();
}

TEST_F(HubClientTest, isPatientWithASlowServerThatMoves)
{
    // 25 bytes: a second in all, more than twice the timeout.
    const QByteArray body = "{\"hidden_size\":     4096 }";
    MisbehavingServer server(dripping(body));
    HubClient client(manager_, server.url(), cacheDirectory());
    client.setIdleTimeout(450ms);
    const HubResult result = fetched(client);
    EXPECT_EQ(result.status, HubStatus::Ok) << result.message.toStdString();
    EXPECT_EQ(result.bytes, body);
}

} // namespace
} // namespace weighbridge::test
