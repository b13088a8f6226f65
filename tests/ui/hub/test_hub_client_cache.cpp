// When the kept copy stands in, and when it must not.

#include "tests/ui/hub/fake_network.h"
#include "tests/ui/hub/hub_fixture.h"

#include <QLocale>
#include <string>

namespace weighbridge::test {
namespace {

using namespace std::chrono_literals;

const QUrl hubAddress(u"https://huggingface.co"_s);

class HubClientOffline : public HubClientTest
{
protected:
    void keep(const QByteArray& bytes = sampleConfig) const
    {
        ASSERT_TRUE(HubCache(hubAddress, cacheDirectory()).write(sampleReference, bytes));
    }

    FakeManager fake_;
};

TEST_F(HubClientTest, opensAgainWithoutTheNetwork)
{
    auto server = std::make_unique<MisbehavingServer>(always(httpAnswer(200, sampleConfig)));
    const QUrl url = server->url();
    HubClient client(manager_, url, cacheDirectory());
    ASSERT_EQ(fetched(client, sampleReference, sampleToken).status, HubStatus::Ok);
    server.reset();
    const HubResult result = fetched(client, sampleReference, sampleToken);
    EXPECT_EQ(result.status, HubStatus::FromCache);
    EXPECT_EQ(result.cause, HubStatus::NoNetwork);
    EXPECT_EQ(result.bytes, sampleConfig);
    EXPECT_EQ(result.repository, u"org/model"_s);
    EXPECT_EQ(result.revision, u"main"_s);
    EXPECT_TRUE(result.message.contains(QLocale().toString(result.cachedAt, QLocale::ShortFormat)))
        << result.message.toStdString();
    EXPECT_TRUE(result.message.contains(u"copy"_s));
}

struct Cause
{
    const char* name;
    QNetworkReply::NetworkError error;
    int status;
    HubStatus cause;
};

class HubClientFallback : public HubClientOffline, public ::testing::WithParamInterface<Cause>
{
};

TEST_P(HubClientFallback, showsTheCopyAndSaysWhy)
{
    keep();
    fake_.error = GetParam().error;
    fake_.status = GetParam().status;
    HubClient client(fake_, hubAddress, cacheDirectory());
    const HubResult result = fetched(client);
    EXPECT_EQ(result.status, HubStatus::FromCache) << result.message.toStdString();
    EXPECT_EQ(result.cause, GetParam().cause);
    EXPECT_EQ(result.bytes, sampleConfig);
    EXPECT_TRUE(result.hasConfig());
}

INSTANTIATE_TEST_SUITE_P(
    Table, HubClientFallback,
    ::testing::Values(Cause{"NoNetwork", QNetworkReply::NetworkSessionFailedError, 0, HubStatus::NoNetwork},
                      Cause{"Host", QNetworkReply::HostNotFoundError, 0, HubStatus::HostNotFound},
                      Cause{"Tls", QNetworkReply::SslHandshakeFailedError, 0, HubStatus::TlsFailure},
                      Cause{"Timeout", QNetworkReply::TimeoutError, 0, HubStatus::Timeout},
                      Cause{"RateLimit", QNetworkReply::UnknownContentError, 429, HubStatus::RateLimited},
                      Cause{"Server", QNetworkReply::InternalServerError, 500, HubStatus::ServerError}),
    [](const auto& row) { return std::string(row.param.name); });

class HubClientNoFallback : public HubClientOffline, public ::testing::WithParamInterface<Cause>
{
};

TEST_P(HubClientNoFallback, reportsTheErrorAndLeavesTheCopy)
{
    keep();
    fake_.error = GetParam().error;
    fake_.status = GetParam().status;
    HubClient client(fake_, hubAddress, cacheDirectory());
    const HubResult result = fetched(client);
    EXPECT_EQ(result.status, GetParam().cause) << result.message.toStdString();
    EXPECT_TRUE(result.bytes.isEmpty());
    EXPECT_TRUE(client.cachedConfig(sampleReference));
}

INSTANTIATE_TEST_SUITE_P(
    Table, HubClientNoFallback,
    ::testing::Values(Cause{"Unauthorized", QNetworkReply::AuthenticationRequiredError, 401, HubStatus::Gated},
                      Cause{"Forbidden", QNetworkReply::ContentAccessDenied, 403, HubStatus::Gated},
                      Cause{"Missing", QNetworkReply::ContentNotFoundError, 404, HubStatus::NotFound}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(HubClientTest, fallsBackWhenItsOwnTimerFires)
{
    MisbehavingServer server(always("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\": "));
    ASSERT_TRUE(HubCache(server.url(), cacheDirectory()).write(sampleReference, sampleConfig));
    HubClient client(manager_, server.url(), cacheDirectory());
    client.setIdleTimeout(200ms);
    const HubResult result = fetched(client);
    EXPECT_EQ(result.status, HubStatus::FromCache);
    EXPECT_EQ(result.cause, HubStatus::Timeout);
    EXPECT_EQ(result.bytes, sampleConfig);
}

TEST_F(HubClientTest, prefersTheFreshFileAndKeepsIt)
{
    const QByteArray fresh = R"({"model_type": "llama", "hidden_size": 2048})";
    MisbehavingServer server(always(httpAnswer(200, fresh)));
    ASSERT_TRUE(HubCache(server.url(), cacheDirectory()).write(sampleReference, sampleConfig));
    HubClient client(manager_, server.url(), cacheDirectory());
    EXPECT_EQ(fetched(client).bytes, fresh);
    EXPECT_EQ(client.cachedConfig(sampleReference)->bytes, fresh);
}

// A person may have it read as another family, so it is shown and kept; but not in place of what can be read.
TEST_F(HubClientTest, anUnknownFamilyIsShownButReplacesNoModel)
{
    const QByteArray unknown = R"({"model_type": "newest"})";
    for (const QByteArray& before : {sampleConfig, QByteArray(R"({"model_type": "older"})")}) {
        MisbehavingServer server(always(httpAnswer(200, unknown)));
        ASSERT_TRUE(HubCache(server.url(), cacheDirectory()).write(sampleReference, before));
        HubClient client(manager_, server.url(), cacheDirectory());
        EXPECT_EQ(fetched(client).bytes, unknown);
        EXPECT_EQ(client.cachedConfig(sampleReference)->bytes, before == sampleConfig ? sampleConfig : unknown);
    }
}

TEST_F(HubClientTest, whatIsNoModelReplacesNoCopy)
{
    // A captive portal, a proxy's remark, and a config that can't be read: all with status 200.
    for (const QByteArray answer : {R"({"error": "login first"})", "{}", R"({"model_type": 7})",
                                    R"({"model_type": "llama", "hidden_size": -1})"}) {
        MisbehavingServer server(always(httpAnswer(200, answer)));
        ASSERT_TRUE(HubCache(server.url(), cacheDirectory()).write(sampleReference, sampleConfig));
        HubClient client(manager_, server.url(), cacheDirectory());
        const HubResult result = fetched(client);
        EXPECT_EQ(result.status, HubStatus::FromCache) << answer.toStdString();
        EXPECT_EQ(result.bytes, sampleConfig);
        EXPECT_TRUE(result.message.contains(u"describes no model"_s)) << result.message.toStdString();
        EXPECT_EQ(client.cachedConfig(sampleReference)->bytes, sampleConfig);
    }
}

TEST_F(HubClientOffline, ignoresAndRemovesACorruptCopy)
{
    keep("<html>");
    fake_.error = QNetworkReply::NetworkSessionFailedError;
    HubClient client(fake_, hubAddress, cacheDirectory());
    EXPECT_EQ(fetched(client).status, HubStatus::NoNetwork);
    EXPECT_TRUE(cacheContents().isEmpty());
}

TEST_F(HubClientOffline, usesNoCopyOfAnotherRevisionOrHub)
{
    keep();
    fake_.error = QNetworkReply::NetworkSessionFailedError;
    HubClient client(fake_, hubAddress, cacheDirectory());
    EXPECT_EQ(fetched(client, {u"org/model"_s, u"dev"_s}).status, HubStatus::NoNetwork);
    HubClient other(fake_, QUrl(u"https://hub.example"_s), cacheDirectory());
    EXPECT_EQ(fetched(other).status, HubStatus::NoNetwork);
}

TEST_F(HubClientOffline, givesTheCopyWhenAsked)
{
    HubClient client(fake_, hubAddress, cacheDirectory());
    EXPECT_FALSE(client.cachedConfig(sampleReference));
    keep();
    const auto copy = client.cachedConfig(sampleReference);
    ASSERT_TRUE(copy);
    EXPECT_EQ(copy->status, HubStatus::FromCache);
    EXPECT_EQ(copy->cause, HubStatus::Ok);
    EXPECT_EQ(copy->bytes, sampleConfig);
    EXPECT_TRUE(fake_.requests.isEmpty());
}

TEST_F(HubClientTest, givesTheFileEvenWhenItCannotBeKept)
{
    MisbehavingServer server(always(httpAnswer(200, sampleConfig)));
    HubClient client(manager_, server.url(), u"/dev/null/cache"_s);
    const HubResult result = fetched(client);
    EXPECT_EQ(result.status, HubStatus::Ok);
    EXPECT_EQ(result.bytes, sampleConfig);
    EXPECT_TRUE(result.message.contains(u"No copy"_s)) << result.message.toStdString();
}

} // namespace
} // namespace weighbridge::test
