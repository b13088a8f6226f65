#pragma once

#include "ui/hub/hub_result.h"

#include <QByteArray>
#include <QNetworkReply>
#include <QString>
#include <QUrl>

namespace weighbridge {

/// What decides about an answer, taken out of the reply so that the decision is a pure function.
struct HubAnswer
{
    QString host; ///< whom we asked
    QString repository;
    QString revision;
    QString what = QStringLiteral("config.json"); ///< the file that was asked for
    bool tokenSent = false;

    QNetworkReply::NetworkError error = QNetworkReply::NoError;
    QString tlsProblem; ///< the first complaint about the certificate
    int httpStatus = 0; ///< 0 when there was no answer
    QByteArray
        errorCode; ///< X-Error-Code: which of several reasons for a 401, 403 or 404 (huggingface_hub, utils/_http.py)
    QByteArray errorMessage; ///< X-Error-Message
    QByteArray retryAfter;   ///< Retry-After: seconds or a date
};

/// A status and the words for it.
struct HubVerdict
{
    HubStatus status = HubStatus::Ok;
    QString message; ///< holds nothing that the server wrote
};

/// Judges everything but a body: the failure to connect, or a status other than 200.
[[nodiscard]] HubVerdict judgeFailure(const HubAnswer& answer);

/// Judges the body of a 200. `declaredLength` is the Content-Length, or -1.
[[nodiscard]] HubVerdict judgeBody(const QByteArray& body, qint64 declaredLength);

/// The statuses that a kept copy may stand in for: we could not ask, or the Hub could not answer. Where the Hub did
/// answer (no access, no such model), its answer stands.
[[nodiscard]] bool mayUseCache(HubStatus status);

} // namespace weighbridge
