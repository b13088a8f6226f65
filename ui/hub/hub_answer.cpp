#include "ui/hub/hub_answer.h"

#include "ui/hub/hub_json.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <QTimeZone>

namespace weighbridge {
namespace {

using namespace Qt::StringLiterals;

struct AnswerText
{
    Q_DECLARE_TR_FUNCTIONS(weighbridge::HubAnswer)
};

bool isTlsError(const HubAnswer& answer)
{
    // ProtocolUnknownError is what https gives where Qt found no TLS library at all.
    return answer.error == QNetworkReply::SslHandshakeFailedError ||
           answer.error == QNetworkReply::ProtocolUnknownError;
}

bool isProxyError(QNetworkReply::NetworkError error)
{
    return error >= QNetworkReply::ProxyConnectionRefusedError && error <= QNetworkReply::UnknownProxyError;
}

HubVerdict judgeNoAnswer(const HubAnswer& answer)
{
    if (isTlsError(answer)) {
        const QString what = AnswerText::tr("The connection to %1 could not be secured.").arg(answer.host);
        return {HubStatus::TlsFailure, answer.tlsProblem.isEmpty() ? what : what + u' ' + answer.tlsProblem};
    }
    if (answer.error == QNetworkReply::HostNotFoundError) {
        return {
            HubStatus::HostNotFound,
            AnswerText::tr("The host %1 was not found. Is this computer connected to the Internet?").arg(answer.host)};
    }
    if (answer.error == QNetworkReply::TimeoutError || answer.error == QNetworkReply::ProxyTimeoutError) {
        return {HubStatus::Timeout, AnswerText::tr("%1 did not answer in time.").arg(answer.host)};
    }
    if (isProxyError(answer.error)) {
        return {HubStatus::NoNetwork,
                AnswerText::tr("The proxy did not let the connection to %1 through.").arg(answer.host)};
    }
    if (answer.error == QNetworkReply::ProtocolFailure) {
        return {HubStatus::UnexpectedAnswer,
                AnswerText::tr("%1 answered with something that is not HTTP.").arg(answer.host)};
    }
    if (answer.error == QNetworkReply::RemoteHostClosedError) {
        return {HubStatus::NoNetwork,
                AnswerText::tr("%1 closed the connection without an answer that can be read.").arg(answer.host)};
    }
    return {
        HubStatus::NoNetwork,
        AnswerText::tr("There is no connection to %1. Is this computer connected to the Internet?").arg(answer.host)};
}

HubVerdict judgeMissing(const HubAnswer& answer)
{
    if (answer.errorCode == "RepoNotFound") {
        return {HubStatus::NotFoundRepository,
                answer.tokenSent
                    ? AnswerText::tr("There is no model %1, or it is private and the token does not open it.")
                          .arg(answer.repository)
                    : AnswerText::tr("There is no model %1, or it is private: then a token is needed.")
                          .arg(answer.repository)};
    }
    if (answer.errorCode == "RevisionNotFound") {
        return {
            HubStatus::NotFoundRevision,
            AnswerText::tr("The model %1 has no branch, tag or commit %2.").arg(answer.repository, answer.revision)};
    }
    if (answer.errorCode == "EntryNotFound" && answer.what != u"config.json"_s) {
        return {HubStatus::NotFoundFile,
                AnswerText::tr("The repository %1 has no file %2.").arg(answer.repository, answer.what)};
    }
    if (answer.errorCode == "EntryNotFound") {
        return {HubStatus::NotFoundFile,
                AnswerText::tr(
                    "The repository %1 is there, but has no config.json. Repositories with only GGUF files have none.")
                    .arg(answer.repository)};
    }
    return {
        HubStatus::NotFound,
        AnswerText::tr("Either there is no model %1 (or no revision %2 of it), or it has no %4: %3 does not say which.")
            .arg(answer.repository, answer.revision, answer.host, answer.what)};
}

HubVerdict judgeForbidden(const HubAnswer& answer)
{
    if (answer.errorCode == "RepoNotFound") { // the Hub says 401 rather than 404 to those without a token
        return judgeMissing(answer);
    }
    if (answer.errorMessage.contains("Invalid credentials")) {
        return {HubStatus::BadToken,
                AnswerText::tr("%1 does not know the token: it may be mistyped, expired or revoked.").arg(answer.host)};
    }
    if (answer.errorMessage.contains("disabled")) {
        return {HubStatus::Gated, AnswerText::tr("The Hub has disabled access to %1.").arg(answer.repository)};
    }
    if (answer.tokenSent) {
        return {
            HubStatus::Gated,
            AnswerText::tr(
                "The token does not open %1. If the model is gated, request access on its page on the Hub, and use a "
                "token of the same account that may read gated repositories.")
                .arg(answer.repository)};
    }
    if (answer.errorCode == "GatedRepo") {
        return {
            HubStatus::Gated,
            AnswerText::tr(
                "The model %1 is gated. Request access on its page on the Hub, then give a token of the same account.")
                .arg(answer.repository)};
    }
    return {HubStatus::Gated, AnswerText::tr("The model %1 is not open to everyone, or does not exist. If it is gated, "
                                             "request access on its page on the "
                                             "Hub; then give a token of the same account.")
                                  .arg(answer.repository)};
}

/// Retry-After in our own words; nothing when it can't be read.
QString retryAdvice(const QByteArray& retryAfter)
{
    bool isNumber = false;
    const uint seconds = retryAfter.trimmed().toUInt(&isNumber);
    if (isNumber) {
        return AnswerText::tr("Try again in %1 seconds.").arg(seconds);
    }
    const QDateTime date =
        QLocale::c().toDateTime(QString::fromLatin1(retryAfter.trimmed()), u"ddd, dd MMM yyyy hh:mm:ss 'GMT'"_s);
    if (!date.isValid()) {
        return {};
    }
    const QDateTime local = QDateTime(date.date(), date.time(), QTimeZone::utc()).toLocalTime();
    return AnswerText::tr("Try again after %1.").arg(QLocale().toString(local, QLocale::ShortFormat));
}

HubVerdict judgeTooMany(const HubAnswer& answer)
{
    QString message = AnswerText::tr("%1 has had too many requests from here.").arg(answer.host);
    if (const QString advice = retryAdvice(answer.retryAfter); !advice.isEmpty()) {
        message += u' ' + advice;
    }
    if (!answer.tokenSent) {
        message += u' ' + AnswerText::tr("With a token the limit is higher.");
    }
    return {HubStatus::RateLimited, message};
}

} // namespace

HubVerdict judgeFailure(const HubAnswer& answer)
{
    const int status = answer.httpStatus;
    if (status == 0) {
        return judgeNoAnswer(answer);
    }
    if (status == 200 || (status == 206 && answer.error != QNetworkReply::NoError)) {
        return {HubStatus::Truncated,
                AnswerText::tr("The connection broke before the whole %1 was here. Try again.").arg(answer.what)};
    }
    if (status == 401 || status == 403) {
        return judgeForbidden(answer);
    }
    if (status == 404) {
        return judgeMissing(answer);
    }
    if (status == 429) {
        return judgeTooMany(answer);
    }
    if (status >= 500 && status <= 599) {
        return {
            HubStatus::ServerError,
            AnswerText::tr("%1 has a problem of its own (status %2). Try again later.").arg(answer.host).arg(status)};
    }
    return {HubStatus::UnexpectedAnswer,
            AnswerText::tr("%1 gave an unexpected answer (status %2).").arg(answer.host).arg(status)};
}

HubVerdict judgeBody(const QByteArray& body, qint64 declaredLength)
{
    HubVerdict truncated{HubStatus::Truncated, AnswerText::tr("Only a part of the config.json arrived. Try again.")};
    if (declaredLength >= 0 && body.size() != declaredLength) {
        return truncated;
    }
    switch (jsonShape(body)) {
    case JsonShape::Object:
        return {HubStatus::Ok, {}};
    case JsonShape::Unfinished:
        return truncated;
    case JsonShape::OtherJson:
        return {HubStatus::WrongShape,
                AnswerText::tr("The config.json is not a list of named values, so it describes no model.")};
    case JsonShape::NotJson:
        break;
    }
    if (body.trimmed().startsWith('<')) {
        return {HubStatus::NotJson,
                AnswerText::tr("A web page came instead of the config.json. Does this network ask for a login first?")};
    }
    return {HubStatus::NotJson, AnswerText::tr("What came is not JSON, so it describes no model.")};
}

bool mayUseCache(HubStatus status)
{
    switch (status) {
    case HubStatus::NoNetwork:
    case HubStatus::HostNotFound:
    case HubStatus::TlsFailure:
    case HubStatus::Timeout:
    case HubStatus::RateLimited:
    case HubStatus::ServerError:
        return true;
    default:
        return false;
    }
}

} // namespace weighbridge
