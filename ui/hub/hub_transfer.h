#pragma once

#include "ui/hub/hub_answer.h"

#include <chrono>
#include <optional>
#include <QByteArray>
#include <QElapsedTimer>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QObject>
#include <QPointer>
#include <QSslConfiguration>
#include <QString>
#include <QTimer>
#include <QUrl>

namespace weighbridge {

/// A part of a file.
struct HubRange
{
    qint64 first = 0;
    qint64 length = 0; ///< at least 1; less comes where the file ends before
};

/// One thing to ask for.
struct HubQuery
{
    QUrl url;
    QByteArray token;              ///< empty: none
    QString what;                  ///< what messages call it: "config.json"
    qint64 maximumBytes = 0;       ///< more than that is refused as soon as it is known
    std::optional<HubRange> range; ///< only this part, by a ranged request
    /// The Hub keeps large files on servers of other names and forwards there. Such a redirect is followed, without the
    /// token.
    bool mayLeaveHub = false;
};

/// What came of it.
struct HubDelivery
{
    HubVerdict problem; ///< what we refused or gave up; else `answer` decides
    HubAnswer answer;   ///< without repository and revision
    QByteArray body;
    qint64 declaredLength = -1; ///< the Content-Length; -1 when there is none
    qint64 fileBytes = -1;      ///< with a range: how long the whole file is
    bool delivered = false;     ///< the answer is what was asked for: a whole 200, or 206 for a range
};

/// One request to the Hub, with the redirects that it leads to.
///
/// The token goes to the origin of the base URL and nowhere else: redirects are followed by hand, to no plain http from
/// https, and to another server only where the query allows it, without the token. Answers to ranged requests are
/// checked: a server that would send the whole file is left before its body comes.
class HubTransfer : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds defaultIdleTimeout{15'000};
    /// What any transfer may take in all, and how fast the rest must come: 1 byte a second is no network either.
    static constexpr std::chrono::milliseconds defaultPatience{30'000};
    static constexpr qint64 slowestBytesPerSecond = 32'768;
    static constexpr int maximumRedirects = 5;

    /// `manager` must outlive the transfer.
    HubTransfer(QNetworkAccessManager& manager, const QUrl& baseUrl, QObject* parent = nullptr);
    ~HubTransfer() override;

    /// How long nothing may move before the transfer is given up.
    void setIdleTimeout(std::chrono::milliseconds timeout);
    /// What it may take in all, redirects included, beside the time for the bytes that are expected.
    void setPatience(std::chrono::milliseconds patience) { patience_ = patience; }
    /// Trust other than the system's.
    void setTlsConfiguration(const std::optional<QSslConfiguration>& configuration) { tls_ = configuration; }

    /// Starts, in place of what is still running. `finished` comes later, never from inside the call.
    void start(const HubQuery& query);
    /// Ends without `finished`.
    void stop();

Q_SIGNALS:
    /// Bytes of the body received, out of how many; -1 when the server does not say.
    void progress(qint64 received, qint64 totalOrMinus1);
    void finished(const weighbridge::HubDelivery& delivery);

private:
    [[nodiscard]] QNetworkRequest request() const;
    [[nodiscard]] HubAnswer answer() const;
    [[nodiscard]] HubVerdict redirectProblem(const QUrl& target) const;
    [[nodiscard]] HubVerdict rangeProblem();
    [[nodiscard]] HubVerdict tooLarge() const;
    [[nodiscard]] QString withoutToken(const QString& text) const;

    void send();
    void onMetaData();
    void onReadyRead();
    void onReplyFinished();
    void onIdle();
    void onDeadline();
    void expect(qint64 bytes);
    void followRedirect();
    void deliver(const HubVerdict& problem, bool delivered = false);

    QNetworkAccessManager& manager_;
    QUrl baseUrl_;
    std::optional<QSslConfiguration> tls_;
    QTimer idle_;
    QTimer deadline_;
    QElapsedTimer since_;
    std::chrono::milliseconds patience_ = defaultPatience;
    HubQuery query_;
    int redirects_ = 0;
    QByteArray body_;
    qint64 expected_ = -1; ///< bytes of the body, by Content-Range
    qint64 fileBytes_ = -1;
    QString tlsProblem_;
    QPointer<QNetworkReply> reply_;
};

} // namespace weighbridge
