#pragma once

#include "tests/ui/hub/misbehaving_server.h"
#include "tests/ui/hub/printers.h"
#include "ui/hub/hub_client.h"

#include <gtest/gtest.h>
#include <QDirIterator>
#include <QFile>
#include <QNetworkAccessManager>
#include <QNetworkProxy>
#include <QSignalSpy>
#include <QTemporaryDir>

namespace weighbridge::test {

using namespace Qt::StringLiterals;

inline const QByteArray sampleConfig = R"({"model_type": "llama", "hidden_size": 4096})";
inline const QByteArray sampleToken = "hf_SecretSecretSecretSecretSecret42";
inline const HubReference sampleReference{u"org/model"_s, {}};

/// Starts a fetch and waits for its end. Fails the test when none comes.
inline HubResult fetched(HubClient& client, const HubReference& reference = sampleReference,
                         const QByteArray& token = {})
{
    QSignalSpy spy(&client, &HubClient::finished);
    client.fetchConfig(reference, token);
    EXPECT_TRUE(spy.isEmpty()) << "finished came from inside fetchConfig";
    EXPECT_TRUE(spy.wait(20'000)) << "finished never came";
    EXPECT_EQ(spy.size(), 1);
    EXPECT_FALSE(client.isRunning());
    return spy.isEmpty() ? HubResult() : spy.first().first().value<HubResult>();
}

/// One manager per test: a manager remembers the TLS settings and connections of a host.
class HubClientTest : public ::testing::Test
{
protected:
    HubClientTest() { manager_.setProxy(QNetworkProxy::NoProxy); }

    [[nodiscard]] QString cacheDirectory() const { return cache_.path() + u"/hub"_s; }

    /// All bytes and names under the cache directory.
    [[nodiscard]] QByteArray cacheContents() const
    {
        QByteArray contents;
        QDirIterator files(cache_.path(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            EXPECT_TRUE(file.open(QIODevice::ReadOnly));
            contents += files.fileName().toUtf8() + '\n' + file.readAll() + '\n';
        }
        return contents;
    }

    QTemporaryDir cache_;
    QNetworkAccessManager manager_;
};

} // namespace weighbridge::test
