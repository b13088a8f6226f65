#include "ui/hub/hub_client.h"

#include "ui/hub/hub_token.h"

#include <algorithm>
#include <QCoreApplication>
#include <QLocale>
#include <QNetworkRequest>
#include <QSslError>
#include <utility>

namespace weighbridge {
namespace {

using namespace Qt::StringLiterals;

int httpStatus(const QNetworkReply& reply)
{
    return reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
}

constexpr qint64 readBufferBytes = 262'144; // several reads' worth; a config.json is mostly smaller

bool isRedirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// The Content-Length, or -1 when there is none that can be read.
qint64 declaredLength(const QNetworkReply& reply)
{
    bool isNumber = false;
    const qint64 length = reply.rawHeader("Content-Length").trimmed().toLongLong(&isNumber);
    return isNumber && length >= 0 ? length : -1;
}

QString cachedDate(const QDateTime& date)
{
    return QLocale().toString(date, QLocale::ShortFormat);
}

HubResult cachedResult(const HubReference& reference, const CachedConfig& copy)
{
    HubResult result;
    result.status = HubStatus::FromCache;
    result.bytes = copy.bytes;
    result.repository = reference.repository;
    result.revision = effectiveRevision(reference);
    result.cachedAt = copy.fetchedAt;
    return result;
}

} // namespace

HubClient::HubClient(QNetworkAccessManager& manager, const QUrl& baseUrl, const QString& cacheDirectory,
                     QObject* parent)
    : QObject(parent), manager_(manager), baseUrl_(baseUrl), cache_(baseUrl, cacheDirectory)
{
    idle_.setSingleShot(true);
    idle_.setInterval(defaultIdleTimeout);
    refused_.setSingleShot(true);
    connect(&idle_, &QTimer::timeout, this, &HubClient::onIdle);
    connect(&refused_, &QTimer::timeout, this, [this] { conclude(refusal(fetch_->reference, fetch_->token)); });
}

HubClient::~HubClient()
{
    dropReply();
}

void HubClient::setIdleTimeout(std::chrono::milliseconds timeout)
{
    idle_.setInterval(timeout);
}

void HubClient::setMaximumBytes(qint64 bytes)
{
    maximumBytes_ = bytes;
}

void HubClient::setTlsConfiguration(const QSslConfiguration& configuration)
{
    tls_ = configuration;
}

void HubClient::fetchConfig(const HubReference& reference, const QByteArray& token)
{
    std::optional<HubResult> replaced;
    if (fetch_) {
        replaced = result({HubStatus::Cancelled, tr("Replaced by a newer request.")});
        dropReply();
    }
    fetch_ = Fetch{reference, token, {}, 0, {}, {}};
    if (refusal(reference, token).status != HubStatus::Ok) {
        refused_.start(0);
    } else {
        fetch_->url = configUrl(baseUrl_, reference);
        send();
    }
    // Last, because whoever hears it may start or cancel a fetch, or delete this.
    if (replaced) {
        Q_EMIT finished(*replaced);
    }
}

void HubClient::cancel()
{
    if (fetch_) {
        conclude({HubStatus::Cancelled, tr("Cancelled.")});
    }
}

std::optional<HubResult> HubClient::cachedConfig(const HubReference& reference) const
{
    const std::optional<CachedConfig> copy = cache_.read(reference, maximumBytes_);
    if (!copy) {
        return std::nullopt;
    }
    HubResult kept = cachedResult(reference, *copy);
    kept.message = tr("This is the copy kept on %1.").arg(cachedDate(kept.cachedAt));
    return kept;
}

HubVerdict HubClient::refusal(const HubReference& reference, const QByteArray& token) const
{
    if (const QString problem = endpointProblem(baseUrl_); !problem.isEmpty()) {
        return {HubStatus::BadEndpoint, problem};
    }
    if (const QString problem = referenceProblem(reference); !problem.isEmpty()) {
        return {HubStatus::BadReference, problem};
    }
    if (token.isEmpty()) {
        return {};
    }
    if (!isUsableToken(token)) {
        return {HubStatus::BadToken, tr("The token has characters that no token has. Nothing was sent.")};
    }
    if (baseUrl_.scheme() != u"https"_s && !isLoopback(baseUrl_)) {
        return {HubStatus::BadEndpoint,
                tr("A token is not sent to %1 without encryption. Use an address that begins with https://.")
                    .arg(baseUrl_.host())};
    }
    return {};
}

QNetworkRequest HubClient::request() const
{
    QNetworkRequest request(fetch_->url);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    request.setAttribute(QNetworkRequest::CacheSaveControlAttribute, false);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false); // gains nothing for one small file
    request.setHeader(QNetworkRequest::UserAgentHeader, u"Weighbridge/"_s + QCoreApplication::applicationVersion());
    // A config.json is small. Asking for it uncompressed also keeps Qt from unpacking anything, so there is no bomb to
    // fear, and Content-Length counts the bytes that arrive here.
    request.setRawHeader("Accept-Encoding", "identity");
    if (!fetch_->token.isEmpty() && sameOrigin(fetch_->url, baseUrl_)) {
        request.setRawHeader("Authorization", "Bearer " + fetch_->token);
    }
    if (tls_) {
        request.setSslConfiguration(*tls_);
    }
    return request;
}

void HubClient::send()
{
    fetch_->body.clear();
    reply_ = manager_.get(request());
    QNetworkReply* const reply = reply_;
    // Without a limit a server that sends faster than the network thread reads keeps that thread from ever handing
    // over.
    reply->setReadBufferSize(readBufferBytes);
    const auto alive = [this] { idle_.start(); };
    connect(reply, &QNetworkReply::socketStartedConnecting, this, alive);
    connect(reply, &QNetworkReply::encrypted, this, alive);
    connect(reply, &QNetworkReply::requestSent, this, alive);
    connect(reply, &QNetworkReply::sslErrors, this, [this](const QList<QSslError>& errors) {
        fetch_->tlsProblem = errors.isEmpty() ? QString() : errors.first().errorString();
    });
    connect(reply, &QNetworkReply::metaDataChanged, this, &HubClient::onMetaData);
    connect(reply, &QNetworkReply::readyRead, this, &HubClient::onReadyRead);
    connect(reply, &QNetworkReply::finished, this, &HubClient::onReplyFinished);
    idle_.start();
}

void HubClient::onMetaData()
{
    idle_.start();
    const int status = httpStatus(*reply_);
    if (status == 0 || isRedirect(status)) {
        return; // a redirect's short body is read, so that its connection can be used again
    }
    if (status != 200) {
        conclude(judgeFailure(answer())); // whatever body comes with it, and however long, is not waited for
    } else if (declaredLength(*reply_) > maximumBytes_) {
        conclude({HubStatus::TooLarge, tr("The file is too large for a config.json.")});
    }
}

void HubClient::onReadyRead()
{
    idle_.start();
    fetch_->body += reply_->readAll();
    if (fetch_->body.size() > maximumBytes_) {
        conclude({HubStatus::TooLarge, tr("The file is too large for a config.json.")});
    } else if (httpStatus(*reply_) == 200) {
        Q_EMIT progress(fetch_->body.size(), declaredLength(*reply_));
    }
}

void HubClient::onReplyFinished()
{
    fetch_->body += reply_->readAll();
    const int status = httpStatus(*reply_);
    if (isRedirect(status)) {
        followRedirect();
    } else if (status != 200 || reply_->error() != QNetworkReply::NoError) {
        conclude(judgeFailure(answer()));
    } else if (fetch_->body.size() > maximumBytes_) {
        conclude({HubStatus::TooLarge, tr("The file is too large for a config.json.")});
    } else {
        conclude(judgeBody(fetch_->body, declaredLength(*reply_)));
    }
}

void HubClient::onIdle()
{
    conclude(
        {HubStatus::Timeout,
         tr("%1 sent nothing for %2 seconds.").arg(baseUrl_.host()).arg(static_cast<double>(idle_.interval()) / 1000)});
}

void HubClient::followRedirect()
{
    const QUrl location = reply_->attribute(QNetworkRequest::RedirectionTargetAttribute).toUrl();
    const QUrl target = location.isEmpty() ? location : fetch_->url.resolved(location).adjusted(QUrl::RemoveFragment);
    if (const HubVerdict problem = redirectProblem(target); problem.status != HubStatus::Ok) {
        conclude(problem);
        return;
    }
    dropReply();
    ++fetch_->redirects;
    fetch_->url = target;
    send();
}

HubVerdict HubClient::redirectProblem(const QUrl& target) const
{
    if (!target.isValid() || target.host().isEmpty()) {
        return {HubStatus::RedirectRefused, tr("%1 forwards the request to nowhere.").arg(baseUrl_.host())};
    }
    if (baseUrl_.scheme() == u"https"_s && target.scheme() == u"http"_s) {
        return {
            HubStatus::RedirectRefused,
            tr("%1 forwards the request to an address without encryption. It was not followed.").arg(baseUrl_.host())};
    }
    if (!sameOrigin(target, baseUrl_) || !target.userInfo().isEmpty()) {
        return {HubStatus::RedirectRefused, tr("%1 forwards the request to another server (%2). It was not followed.")
                                                .arg(baseUrl_.host(), withoutToken(target.host()))};
    }
    if (fetch_->redirects >= maximumRedirects) {
        return {HubStatus::RedirectRefused, tr("%1 forwards the request round and round.").arg(baseUrl_.host())};
    }
    return {};
}

HubAnswer HubClient::answer() const
{
    HubAnswer answer;
    answer.host = baseUrl_.host();
    answer.repository = fetch_->reference.repository;
    answer.revision = effectiveRevision(fetch_->reference);
    answer.tokenSent = !fetch_->token.isEmpty();
    answer.error = reply_->error();
    answer.tlsProblem = fetch_->tlsProblem;
    answer.httpStatus = httpStatus(*reply_);
    answer.errorCode = reply_->rawHeader("X-Error-Code");
    answer.errorMessage = reply_->rawHeader("X-Error-Message");
    answer.retryAfter = reply_->rawHeader("Retry-After");
    return answer;
}

QString HubClient::withoutToken(const QString& text) const
{
    const QString token = QString::fromLatin1(fetch_->token);
    return !token.isEmpty() && text.contains(token, Qt::CaseInsensitive) ? u"\u2026"_s : text;
}

void HubClient::dropReply()
{
    idle_.stop();
    refused_.stop();
    if (QNetworkReply* const reply = reply_) {
        reply_ = nullptr;
        reply->disconnect(this);
        reply->deleteLater(); // closes the connection too; abort() warns when Qt has an error of its own under way
    }
}

HubResult HubClient::result(const HubVerdict& verdict) const
{
    HubResult result;
    result.status = verdict.status;
    result.message = verdict.message;
    result.repository = fetch_->reference.repository;
    result.revision = effectiveRevision(fetch_->reference);
    return result;
}

HubResult HubClient::keep() const
{
    HubResult kept = result({HubStatus::Ok, tr("Fetched from %1.").arg(baseUrl_.host())});
    kept.bytes = fetch_->body;
    // A server that echoes the token must not get it onto the disk.
    const bool echoed = !fetch_->token.isEmpty() && kept.bytes.contains(fetch_->token);
    if (echoed || !cache_.write(fetch_->reference, kept.bytes)) {
        kept.message += u' ' + tr("No copy could be kept for use without a network.");
    }
    return kept;
}

void HubClient::conclude(const HubVerdict& verdict)
{
    dropReply();
    if (verdict.status == HubStatus::TlsFailure) {
        // The manager remembers the TLS settings of a host; without this a retry with other trust fails again.
        manager_.clearConnectionCache();
    }
    if (verdict.status == HubStatus::Ok) {
        end(keep());
        return;
    }
    if (mayUseCache(verdict.status)) {
        if (const std::optional<CachedConfig> copy = cache_.read(fetch_->reference, maximumBytes_)) {
            HubResult kept = cachedResult(fetch_->reference, *copy);
            kept.cause = verdict.status;
            kept.message = verdict.message + u' ' + tr("Shown is the copy kept on %1.").arg(cachedDate(kept.cachedAt));
            end(kept);
            return;
        }
    }
    end(result(verdict));
}

void HubClient::end(const HubResult& result)
{
    fetch_.reset();
    Q_EMIT finished(result); // last: whoever hears it may start the next fetch, or delete this
}

} // namespace weighbridge
