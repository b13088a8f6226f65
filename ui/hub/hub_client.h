#pragma once

#include "ui/hub/hub_answer.h"
#include "ui/hub/hub_cache.h"
#include "ui/hub/hub_request.h"
#include "ui/hub/hub_result.h"
#include "ui/hub/hub_transfer.h"

#include <chrono>
#include <optional>
#include <QByteArray>
#include <QNetworkAccessManager>
#include <QObject>
#include <QSslConfiguration>
#include <QString>
#include <QTimer>
#include <QUrl>

namespace weighbridge {

/// Fetches the config.json of a model from the Hugging Face Hub, one at a time.
///
/// Every `fetchConfig` is answered by exactly one `finished`, never from inside the call itself. The one exception is a
/// fetch that a newer one replaces: its `finished` (with `Cancelled`) comes while the newer one starts.
///
/// The token goes to the origin of the base URL and nowhere else: redirects are followed by hand, on that origin only,
/// and plain http is trusted with a token on this machine alone. It is in no message and in no file.
class HubClient : public QObject
{
    Q_OBJECT

public:
    static constexpr qint64 defaultMaximumBytes = 8'388'608; // 8 MiB
    static constexpr int maximumRedirects = HubTransfer::maximumRedirects;

    /// Does no I/O. `manager` must outlive the client; after a failed handshake its connection cache is cleared.
    /// `cacheDirectory` is made when something is first kept in it; empty means no cache.
    HubClient(QNetworkAccessManager& manager, const QUrl& baseUrl, const QString& cacheDirectory,
              QObject* parent = nullptr);
    ~HubClient() override;

    /// How long nothing may move before the fetch is given up.
    void setIdleTimeout(std::chrono::milliseconds timeout);
    /// What the fetch may take in all (HubTransfer::setPatience).
    void setPatience(std::chrono::milliseconds patience) { transfer_.setPatience(patience); }
    /// The most bytes a config.json may have. The largest known have well under 1 MiB.
    void setMaximumBytes(qint64 bytes);
    /// Trust other than the system's, for a Hub of one's own.
    void setTlsConfiguration(const QSslConfiguration& configuration);

    [[nodiscard]] const QUrl& baseUrl() const { return baseUrl_; }
    [[nodiscard]] bool isRunning() const { return fetch_.has_value(); }

    /// Why nothing would be sent for these, or Ok.
    [[nodiscard]] HubVerdict refusal(const HubReference& reference, const QByteArray& token) const;

    /// Starts to fetch, in place of a fetch that is still running. An empty token means none.
    void fetchConfig(const HubReference& reference, const QByteArray& token = {});

    /// Ends a running fetch with `Cancelled`, before it returns. Does nothing when none is running.
    void cancel();

    /// The kept copy of an earlier fetch, without asking the Hub.
    [[nodiscard]] std::optional<HubResult> cachedConfig(const HubReference& reference) const;

Q_SIGNALS:
    /// Bytes of the config.json received, out of how many; -1 when the server does not say.
    void progress(qint64 received, qint64 totalOrMinus1);
    void finished(const weighbridge::HubResult& result);

private:
    struct Fetch
    {
        HubReference reference;
        QByteArray token;
        QByteArray body;
    };

    [[nodiscard]] HubResult result(const HubVerdict& verdict) const;
    [[nodiscard]] HubResult keep() const;
    [[nodiscard]] std::optional<HubResult> copyInPlaceOf(const HubVerdict& verdict) const;

    void onDelivered(const HubDelivery& delivery);
    void stop();
    void conclude(const HubVerdict& verdict);
    void end(const HubResult& result);

    QNetworkAccessManager& manager_;
    QUrl baseUrl_;
    HubCache cache_;
    qint64 maximumBytes_ = defaultMaximumBytes;

    HubTransfer transfer_;
    QTimer refused_; ///< fires at once: a refusal before anything was sent is told from the event loop as well
    std::optional<Fetch> fetch_;
};

} // namespace weighbridge
