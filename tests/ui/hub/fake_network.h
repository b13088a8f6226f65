#pragma once

#include <QByteArray>
#include <QList>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QString>
#include <QUrl>

namespace weighbridge::test {

/// A reply that ends at once with an error, a status, or a redirect.
class FakeReply : public QNetworkReply
{
    Q_OBJECT

public:
    FakeReply(const QNetworkRequest& request, NetworkError error, int status, const QUrl& redirect)
    {
        setRequest(request);
        setUrl(request.url());
        open(QIODevice::ReadOnly);
        if (status != 0) {
            setAttribute(QNetworkRequest::HttpStatusCodeAttribute, status);
        }
        if (!redirect.isEmpty()) {
            setAttribute(QNetworkRequest::RedirectionTargetAttribute, redirect);
        }
        if (error != NoError) {
            setError(error, QStringLiteral("fake"));
        }
        setFinished(true);
        QMetaObject::invokeMethod(this, &QNetworkReply::finished, Qt::QueuedConnection);
    }

    void abort() override {}

protected:
    qint64 readData(char*, qint64) override { return -1; }
};

/// Answers every request with the same fake and remembers what was asked.
class FakeManager : public QNetworkAccessManager
{
    Q_OBJECT

public:
    QNetworkReply::NetworkError error = QNetworkReply::NoError;
    int status = 0;
    QUrl redirect;
    QList<QNetworkRequest> requests;

protected:
    QNetworkReply* createRequest(Operation, const QNetworkRequest& request, QIODevice*) override
    {
        requests.append(request);
        return new FakeReply(request, error, status, redirect);
    }
};

} // namespace weighbridge::test
