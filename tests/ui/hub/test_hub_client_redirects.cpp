// Where the request goes, and above all the token.

#include "tests/ui/hub/fake_network.h"
#include "tests/ui/hub/hub_fixture.h"

#include <string>

namespace weighbridge::test {
namespace {

QByteArray redirect(const QByteArray& location, int status = 307)
{
    return httpAnswer(status, "Redirecting", "Location: " + location + "\r\n");
}

/// Redirects /org/model/... to `location`, answers everything else with the sample.
MisbehavingServer::Handler redirectsOnce(const QByteArray& location, int status = 307)
{
    return [=](QTcpSocket& socket, const ServerRequest& request) {
        socket.write(request.target.startsWith("/org/model/") ? redirect(location, status)
                                                              : httpAnswer(200, sampleConfig));
    };
}

TEST_F(HubClientTest, sendsTheTokenToTheHub)
{
    MisbehavingServer server(always(httpAnswer(200, sampleConfig)));
    HubClient client(manager_, server.url(), cacheDirectory());
    EXPECT_EQ(fetched(client, sampleReference, sampleToken).status, HubStatus::Ok);
    ASSERT_EQ(server.requests().size(), 1);
    EXPECT_EQ(server.requests().first().header("Authorization"), "Bearer " + sampleToken);
    EXPECT_FALSE(cacheContents().isEmpty());
    EXPECT_FALSE(cacheContents().contains(sampleToken));
}

class HubClientRedirect : public HubClientTest, public ::testing::WithParamInterface<int>
{
};

TEST_P(HubClientRedirect, isFollowedOnTheSameOrigin)
{
    // The Hub sends these: a renamed repository, and its own /api/resolve-cache.
    MisbehavingServer server(redirectsOnce("/api/resolve-cache/models/config.json?x=1#fragment", GetParam()));
    HubClient client(manager_, server.url(), cacheDirectory());
    EXPECT_EQ(fetched(client, sampleReference, sampleToken).status, HubStatus::Ok);
    ASSERT_EQ(server.requests().size(), 2);
    EXPECT_EQ(server.requests().last().target, "/api/resolve-cache/models/config.json?x=1");
    EXPECT_EQ(server.requests().last().header("Authorization"), "Bearer " + sampleToken);
}

INSTANTIATE_TEST_SUITE_P(Statuses, HubClientRedirect, ::testing::Values(301, 302, 303, 307, 308));

TEST_F(HubClientTest, neverShowsTheTokenToAnotherPort)
{
    MisbehavingServer thief(always(httpAnswer(200, sampleConfig)));
    MisbehavingServer server(redirectsOnce(thief.url().toEncoded() + "/config.json"));
    HubClient client(manager_, server.url(), cacheDirectory());
    const HubResult result = fetched(client, sampleReference, sampleToken);
    EXPECT_EQ(result.status, HubStatus::RedirectRefused) << result.message.toStdString();
    EXPECT_TRUE(thief.received().isEmpty());
    EXPECT_TRUE(cacheContents().isEmpty());
}

TEST_F(HubClientTest, neverShowsTheTokenToAnotherHost)
{
    MisbehavingServer server([](QTcpSocket& socket, const ServerRequest& request) {
        // The same machine and port by another name.
        socket.write(redirect("http://localhost:" + request.header("Host").split(':').last() + "/config.json"));
    });
    HubClient client(manager_, server.url(), cacheDirectory());
    const HubResult result = fetched(client, sampleReference, sampleToken);
    EXPECT_EQ(result.status, HubStatus::RedirectRefused);
    EXPECT_TRUE(result.message.contains(u"localhost"_s)) << result.message.toStdString();
    EXPECT_EQ(server.requests().size(), 1);
}

struct Target
{
    const char* name;
    QByteArray location;
};

class RefusedRedirect : public HubClientTest, public ::testing::WithParamInterface<Target>
{
};

TEST_P(RefusedRedirect, isNotFollowed)
{
    MisbehavingServer server(always(redirect(GetParam().location)));
    HubClient client(manager_, server.url(), cacheDirectory());
    const HubResult result = fetched(client, sampleReference, sampleToken);
    EXPECT_EQ(result.status, HubStatus::RedirectRefused) << result.message.toStdString();
    EXPECT_FALSE(result.message.contains(QString::fromLatin1(sampleToken), Qt::CaseInsensitive));
    EXPECT_EQ(server.requests().size(), 1);
}

INSTANTIATE_TEST_SUITE_P(Table, RefusedRedirect,
                         ::testing::Values(Target{"File", "file:///etc/passwd"},
                                           Target{"Data", "data:application/json,{}"}, Target{"Nowhere", ""},
                                           Target{"Rubbish", "http://["},
                                           Target{"OtherScheme", "https://127.0.0.1/config.json"},
                                           Target{"SchemeRelative", "//cdn.example/config.json"},
                                           Target{"EchoInHost", "http://" + sampleToken + ".example/"}),
                         [](const auto& row) { return std::string(row.param.name); });

TEST_F(HubClientTest, refusesAPasswordInARedirect)
{
    MisbehavingServer server([](QTcpSocket& socket, const ServerRequest& request) {
        socket.write(redirect("http://me:secret@" + request.header("Host") + "/config.json"));
    });
    HubClient client(manager_, server.url(), cacheDirectory());
    const HubResult result = fetched(client);
    EXPECT_EQ(result.status, HubStatus::RedirectRefused);
    EXPECT_FALSE(result.message.contains(u"secret"_s));
}

TEST_F(HubClientTest, refusesToGoDownToPlainHttp)
{
    MisbehavingServer plain(always(httpAnswer(200, sampleConfig)));
    MisbehavingServer server(always(redirect(plain.url().toEncoded() + "/config.json")),
                             MisbehavingServer::serverTls());
    HubClient client(manager_, server.url(), cacheDirectory());
    client.setTlsConfiguration(MisbehavingServer::clientTls());
    const HubResult result = fetched(client, sampleReference, sampleToken);
    EXPECT_EQ(result.status, HubStatus::RedirectRefused);
    EXPECT_TRUE(result.message.contains(u"without encryption"_s)) << result.message.toStdString();
    EXPECT_TRUE(plain.received().isEmpty());
}

TEST_F(HubClientTest, refusesToGoDownToPlainHttpOnTheSameHost)
{
    FakeManager manager;
    manager.status = 302;
    manager.redirect = QUrl(u"http://huggingface.co:443/config.json"_s);
    HubClient client(manager, QUrl(u"https://huggingface.co"_s), cacheDirectory());
    EXPECT_EQ(fetched(client, sampleReference, sampleToken).status, HubStatus::RedirectRefused);
    EXPECT_EQ(manager.requests.size(), 1);
}

TEST_F(HubClientTest, leavesALoopOfRedirects)
{
    MisbehavingServer server(always(redirect("/org/model/resolve/main/config.json")));
    HubClient client(manager_, server.url(), cacheDirectory());
    const HubResult result = fetched(client);
    EXPECT_EQ(result.status, HubStatus::RedirectRefused);
    EXPECT_TRUE(result.message.contains(u"round and round"_s));
    EXPECT_EQ(server.requests().size(), 1 + HubClient::maximumRedirects);
}

TEST_F(HubClientTest, followsAsManyRedirectsAsAllowed)
{
    MisbehavingServer server([](QTcpSocket& socket, const ServerRequest& request) {
        const int hop = request.target.startsWith("/hop/") ? request.target.mid(5).toInt() : 0;
        socket.write(hop == HubClient::maximumRedirects ? httpAnswer(200, sampleConfig)
                                                        : redirect("/hop/" + QByteArray::number(hop + 1)));
    });
    HubClient client(manager_, server.url(), cacheDirectory());
    EXPECT_EQ(fetched(client).status, HubStatus::Ok);
}

TEST_F(HubClientTest, survivesARedirectWithAnEndlessBody)
{
    MisbehavingServer server([](QTcpSocket& socket, const ServerRequest&) {
        QObject::connect(&socket, &QTcpSocket::bytesWritten, &socket, [&socket] {
            if (socket.bytesToWrite() < 65536) {
                socket.write(QByteArray(4096, ' '));
            }
        });
        socket.write("HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n ");
    });
    HubClient client(manager_, server.url(), cacheDirectory());
    client.setMaximumBytes(100'000);
    EXPECT_EQ(fetched(client).status, HubStatus::TooLarge);
}

struct Endpoint
{
    const char* name;
    QString base;
    QByteArray token;
    HubStatus status;
};

class RefusedEndpoint : public HubClientTest, public ::testing::WithParamInterface<Endpoint>
{
};

TEST_P(RefusedEndpoint, isAskedNothing)
{
    FakeManager manager;
    HubClient client(manager, QUrl(GetParam().base), cacheDirectory());
    const HubResult result = fetched(client, sampleReference, GetParam().token);
    EXPECT_EQ(result.status, GetParam().status) << result.message.toStdString();
    EXPECT_FALSE(result.message.isEmpty());
    EXPECT_FALSE(result.message.contains(u"secret"_s, Qt::CaseInsensitive));
    EXPECT_TRUE(manager.requests.isEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, RefusedEndpoint,
    ::testing::Values(
        Endpoint{"Password", u"https://me:secret@hub.example"_s, {}, HubStatus::BadEndpoint},
        Endpoint{"PlainHttpWithToken", u"http://hub.example"_s, sampleToken, HubStatus::BadEndpoint},
        Endpoint{"NoScheme", u"hub.example"_s, {}, HubStatus::BadEndpoint},
        Endpoint{"TokenWithNewline", u"https://hub.example"_s, "hf_secret\r\nX-Evil: 1", HubStatus::BadToken},
        Endpoint{"TokenWithNull", u"https://hub.example"_s, QByteArray("hf_\0secret", 10), HubStatus::BadToken}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(HubClientTest, asksAPlainServerWithoutAToken)
{
    FakeManager manager;
    manager.status = 404;
    HubClient client(manager, QUrl(u"http://hub.example"_s), cacheDirectory());
    EXPECT_EQ(fetched(client).status, HubStatus::NotFound);
    ASSERT_EQ(manager.requests.size(), 1);
    EXPECT_FALSE(manager.requests.first().hasRawHeader("Authorization"));
}

TEST_F(HubClientTest, keepsNoEchoOfTheToken)
{
    MisbehavingServer server([](QTcpSocket& socket, const ServerRequest& request) {
        socket.write(httpAnswer(200, "{\"you_sent\": \"" + request.header("Authorization") + "\"}"));
    });
    HubClient client(manager_, server.url(), cacheDirectory());
    const HubResult result = fetched(client, sampleReference, sampleToken);
    EXPECT_EQ(result.status, HubStatus::Ok);
    EXPECT_FALSE(result.message.contains(QString::fromLatin1(sampleToken)));
    EXPECT_TRUE(cacheContents().isEmpty());
}

TEST_F(HubClientTest, repeatsNothingTheServerSaysInAnError)
{
    MisbehavingServer server([](QTcpSocket& socket, const ServerRequest& request) {
        const QByteArray echo = request.header("Authorization");
        socket.write(httpAnswer(
            429, echo, "X-Error-Code: " + echo + "\r\nX-Error-Message: " + echo + "\r\nRetry-After: " + echo + "\r\n"));
    });
    HubClient client(manager_, server.url(), cacheDirectory());
    const HubResult result = fetched(client, sampleReference, sampleToken);
    EXPECT_EQ(result.status, HubStatus::RateLimited);
    EXPECT_FALSE(result.message.contains(QString::fromLatin1(sampleToken)));
}

TEST_F(HubClientTest, forgetsTheTokenAfterTheFetch)
{
    MisbehavingServer server(always(httpAnswer(200, sampleConfig)));
    HubClient client(manager_, server.url(), cacheDirectory());
    (void)fetched(client, sampleReference, sampleToken);
    (void)fetched(client);
    ASSERT_EQ(server.requests().size(), 2);
    EXPECT_TRUE(server.requests().last().header("Authorization").isEmpty());
}

} // namespace
} // namespace weighbridge::test
