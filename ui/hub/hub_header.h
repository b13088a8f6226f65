#pragma once

#include "core/sources/fetched_model.h"
#include "ui/hub/hub_request.h"
#include "ui/hub/hub_transfer.h"

#include <QObject>

namespace weighbridge {

/// Bytes that may still be fetched; shared by all files of one model.
struct HubBudget
{
    qint64 left = 0;
};

/// Fetches the beginning of one weights file by ranged requests, a little more each time, until its header is complete.
/// Never the weights: the server is left as soon as it would send more than was asked for.
class HubHeader : public QObject
{
    Q_OBJECT

public:
    /// `knownSize` is what the Hub's list says, or -1; a server that says otherwise is not believed. `firstBytes` are
    /// asked for first. Nothing is asked for that `budget` does not allow.
    struct Task
    {
        HubReference reference;
        QString file;
        qint64 knownSize = -1;
        qint64 firstBytes = 65'536;
    };

    HubHeader(QNetworkAccessManager& manager, const QUrl& baseUrl, HubBudget& budget, QObject* parent = nullptr);

    void setIdleTimeout(std::chrono::milliseconds timeout) { transfer_.setIdleTimeout(timeout); }
    void setTlsConfiguration(const std::optional<QSslConfiguration>& tls) { transfer_.setTlsConfiguration(tls); }

    /// `finished` comes later, never from inside the call.
    void start(const Task& task, const QByteArray& token);

    /// What has come so far; with a verdict of Ok, a complete header.
    [[nodiscard]] const FetchedFile& file() const { return file_; }

Q_SIGNALS:
    void received(qint64 bytes);
    void finished(const weighbridge::HubVerdict& verdict);

private:
    void ask(qint64 wanted);
    void onDelivered(const HubDelivery& delivery);

    QUrl baseUrl_;
    HubBudget& budget_;
    HubTransfer transfer_;
    Task task_;
    QByteArray token_;
    FetchedFile file_;
    qint64 counted_ = 0; ///< of the request under way, told by received()
};

} // namespace weighbridge
