// Starting, cancelling, replacing, and going away in the middle.

#include "tests/ui/hub/fake_network.h"
#include "tests/ui/hub/hub_fixture.h"

#include <QPointer>

namespace weighbridge::test {
namespace {

const QByteArray halfAnAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\": ";

HubResult resultOf(const QSignalSpy& spy, int index)
{
    return spy.at(index).first().value<HubResult>();
}

TEST_F(HubClientTest, doesNothingWhenMade)
{
    FakeManager manager;
    const HubClient client(manager, QUrl(u"https://huggingface.co"_s), cacheDirectory());
    EXPECT_FALSE(client.isRunning());
    EXPECT_TRUE(manager.requests.isEmpty());
    EXPECT_FALSE(QFile::exists(cacheDirectory()));
}

TEST_F(HubClientTest, cancelsInTheMiddleOfTheBody)
{
    MisbehavingServer server(always(halfAnAnswer));
    HubClient client(manager_, server.url(), cacheDirectory());
    QSignalSpy progress(&client, &HubClient::progress);
    QSignalSpy finished(&client, &HubClient::finished);
    client.fetchConfig(sampleReference);
    ASSERT_TRUE(progress.wait());
    EXPECT_TRUE(client.isRunning());
    client.cancel();
    ASSERT_EQ(finished.size(), 1);
    EXPECT_EQ(resultOf(finished, 0).status, HubStatus::Cancelled);
    EXPECT_TRUE(resultOf(finished, 0).bytes.isEmpty());
    EXPECT_FALSE(client.isRunning());
    EXPECT_FALSE(finished.wait(100)) << "a second end came";
    EXPECT_TRUE(cacheContents().isEmpty());
}

TEST_F(HubClientTest, cancelsBeforeAnythingHappened)
{
    MisbehavingServer server(always(httpAnswer(200, sampleConfig)));
    HubClient client(manager_, server.url(), cacheDirectory());
    QSignalSpy finished(&client, &HubClient::finished);
    client.fetchConfig(sampleReference);
    client.cancel();
    ASSERT_EQ(finished.size(), 1);
    EXPECT_EQ(resultOf(finished, 0).status, HubStatus::Cancelled);
}

TEST_F(HubClientTest, cancelsARefusalThatIsOnItsWay)
{
    HubClient client(manager_, QUrl(u"https://huggingface.co"_s), cacheDirectory());
    QSignalSpy finished(&client, &HubClient::finished);
    client.fetchConfig({u"../.."_s, {}});
    client.cancel();
    EXPECT_FALSE(finished.wait(100));
    ASSERT_EQ(finished.size(), 1);
    EXPECT_EQ(resultOf(finished, 0).status, HubStatus::Cancelled);
}

TEST_F(HubClientTest, ignoresACancelWithNothingToCancel)
{
    HubClient client(manager_, QUrl(u"https://huggingface.co"_s), cacheDirectory());
    QSignalSpy finished(&client, &HubClient::finished);
    client.cancel();
    EXPECT_TRUE(finished.isEmpty());
}

TEST_F(HubClientTest, cancelsAFetchFromItsOwnProgress)
{
    MisbehavingServer server(always(halfAnAnswer));
    HubClient client(manager_, server.url(), cacheDirectory());
    QObject::connect(&client, &HubClient::progress, &client, &HubClient::cancel);
    EXPECT_EQ(fetched(client).status, HubStatus::Cancelled);
}

TEST_F(HubClientTest, replacesARunningFetch)
{
    MisbehavingServer server([](QTcpSocket& socket, const ServerRequest& request) {
        socket.write(request.target.startsWith("/slow/") ? halfAnAnswer : httpAnswer(200, sampleConfig));
    });
    HubClient client(manager_, server.url(), cacheDirectory());
    QSignalSpy progress(&client, &HubClient::progress);
    QSignalSpy finished(&client, &HubClient::finished);
    client.fetchConfig({u"slow/model"_s, {}});
    ASSERT_TRUE(progress.wait());
    client.fetchConfig({u"fast/model"_s, {}});
    ASSERT_EQ(finished.size(), 1);
    EXPECT_EQ(resultOf(finished, 0).status, HubStatus::Cancelled);
    EXPECT_EQ(resultOf(finished, 0).repository, u"slow/model"_s);
    ASSERT_TRUE(finished.wait());
    ASSERT_EQ(finished.size(), 2);
    EXPECT_EQ(resultOf(finished, 1).status, HubStatus::Ok);
    EXPECT_EQ(resultOf(finished, 1).repository, u"fast/model"_s);
    EXPECT_EQ(resultOf(finished, 1).bytes, sampleConfig);
}

TEST_F(HubClientTest, startsTheNextFetchFromTheEndOfTheLast)
{
    MisbehavingServer server(always(httpAnswer(200, sampleConfig)));
    HubClient client(manager_, server.url(), cacheDirectory());
    QSignalSpy finished(&client, &HubClient::finished);
    QObject::connect(&client, &HubClient::finished, &client, [&client](const HubResult& result) {
        if (result.repository == u"org/first"_s) {
            client.fetchConfig({u"org/second"_s, {}});
        }
    });
    client.fetchConfig({u"org/first"_s, {}});
    ASSERT_TRUE(finished.wait());
    ASSERT_TRUE(finished.size() == 2 || finished.wait());
    EXPECT_EQ(resultOf(finished, 1).repository, u"org/second"_s);
    EXPECT_EQ(resultOf(finished, 1).status, HubStatus::Ok);
}

TEST_F(HubClientTest, mayBeDeletedByWhoeverHearsTheEnd)
{
    MisbehavingServer server(always(httpAnswer(200, sampleConfig)));
    QObject listener;
    const QPointer<HubClient> client = new HubClient(manager_, server.url(), cacheDirectory());
    QObject::connect(client, &HubClient::finished, &listener, [client] { delete client; });
    QSignalSpy gone(client, &QObject::destroyed);
    client->fetchConfig(sampleReference);
    EXPECT_TRUE(gone.wait());
    EXPECT_TRUE(client.isNull());
}

TEST_F(HubClientTest, goesAwayQuietlyInTheMiddle)
{
    MisbehavingServer server(always(halfAnAnswer));
    int ends = 0;
    {
        HubClient client(manager_, server.url(), cacheDirectory());
        QObject::connect(&client, &HubClient::finished, &client, [&ends] { ++ends; });
        QSignalSpy progress(&client, &HubClient::progress);
        client.fetchConfig(sampleReference);
        ASSERT_TRUE(progress.wait());
    }
    EXPECT_EQ(ends, 0);
}

TEST_F(HubClientTest, refusesAReferenceThatNobodyParsed)
{
    FakeManager manager;
    HubClient client(manager, QUrl(u"https://huggingface.co"_s), cacheDirectory());
    for (const HubReference& reference :
         {HubReference{u"../../etc"_s, {}}, HubReference{u"org/na me"_s, {}}, HubReference{},
          HubReference{u"org/name"_s, u"a\nb"_s}, HubReference{u"org/name"_s, u"../x"_s}}) {
        const HubResult result = fetched(client, reference);
        EXPECT_EQ(result.status, HubStatus::BadReference);
        EXPECT_FALSE(result.message.isEmpty());
    }
    EXPECT_TRUE(manager.requests.isEmpty());
}

} // namespace
} // namespace weighbridge::test
