#include "ui/hub/hub_transfer.h"

#include "ui/hub/hub_environment.h"

#include <algorithm>
#include <QCoreApplication>
#include <QNetworkRequest>
#include <QRegularExpression>
#include <QSslError>

namespace weighbridge {
namespace {

using namespace Qt::StringLiterals;

constexpr qint64 readBufferBytes = 262'144; // several reads' worth; a config.json is mostly smaller

int httpStatus(const QNetworkReply& reply)
{
    return reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
}

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

/// "bytes 0-1023/146515": first and last byte, and the length of the whole.
struct ContentRange
{
    qint64 first = -1;
    qint64 last = -1;
    qint64 whole = -1;
};

ContentRange contentRange(const QNetworkReply& reply)
{
    static const QRegularExpression form(u"\\A\\s*bytes\\s+([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})\\s*\\z"_s,
                                         QRegularExpression::CaseInsensitiveOption);
    const auto match = form.match(QString::fromLatin1(reply.rawHeader("Content-Range")));
    if (!match.hasMatch()) {
        return {};
    }
    return {match.captured(1).toLongLong(), match.captured(2).toLongLong(), match.captured(3).toLongLong()};
}

} // namespace

HubTransfer::HubTransfer(QNetworkAccessManager& manager, const QUrl& baseUrl, QObject* parent)
    : QObject(parent), manager_(manager), baseUrl_(baseUrl)
{
    idle_.setSingleShot(true);
    idle_.setInterval(defaultIdleTimeout);
    connect(&idle_, &QTimer::timeout, this, &HubTransfer::onIdle);
    deadline_.setSingleShot(true);
    connect(&deadline_, &QTimer::timeout, this, &HubTransfer::onDeadline);
}

HubTransfer::~HubTransfer()
{
    stop();
}

void HubTransfer::setIdleTimeout(std::chrono::milliseconds timeout)
{
    idle_.setInterval(timeout);
}

void HubTransfer::start(const HubQuery& query)
{
    stop();
    query_ = query;
    redirects_ = 0;
    tlsProblem_.clear();
    since_.start();
    expect(query_.range ? std::min(query_.range->length, query_.maximumBytes) : query_.maximumBytes);
    send();
}

/// Sets the end of the whole transfer by how much is to come.
void HubTransfer::expect(qint64 bytes)
{
    const std::chrono::milliseconds forBytes(bytes * 1000 / slowestBytesPerSecond);
    const std::chrono::milliseconds gone(since_.elapsed());
    deadline_.start(std::max(std::chrono::milliseconds(1), patience_ + forBytes - gone));
}

void HubTransfer::stop()
{
    idle_.stop();
    deadline_.stop();
    if (QNetworkReply* const reply = reply_) {
        reply_ = nullptr;
        reply->disconnect(this);
        reply->deleteLater(); // closes the connection too; abort() warns when Qt has an error of its own under way
    }
}

QNetworkRequest HubTransfer::request() const
{
    QNetworkRequest request(query_.url);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    request.setAttribute(QNetworkRequest::CacheSaveControlAttribute, false);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false); // gains nothing for one small file
    request.setHeader(QNetworkRequest::UserAgentHeader, u"Weighbridge/"_s + QCoreApplication::applicationVersion());
    // What is asked for is small. Asking for it uncompressed also keeps Qt from unpacking anything, so there is no bomb
    // to fear, and Content-Length counts the bytes that arrive here.
    request.setRawHeader("Accept-Encoding", "identity");
    if (query_.range) {
        const qint64 last = query_.range->first + query_.range->length - 1;
        request.setRawHeader("Range",
                             "bytes=" + QByteArray::number(query_.range->first) + '-' + QByteArray::number(last));
    }
    if (!query_.token.isEmpty() && sameOrigin(query_.url, baseUrl_)) {
        request.setRawHeader("Authorization", "Bearer " + query_.token);
    }
    if (tls_) {
        request.setSslConfiguration(*tls_);
    }
    return request;
}

void HubTransfer::send()
{
    body_.clear();
    expected_ = -1;
    fileBytes_ = -1;
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
        tlsProblem_ = errors.isEmpty() ? QString() : errors.first().errorString();
    });
    connect(reply, &QNetworkReply::metaDataChanged, this, &HubTransfer::onMetaData);
    connect(reply, &QNetworkReply::readyRead, this, &HubTransfer::onReadyRead);
    connect(reply, &QNetworkReply::finished, this, &HubTransfer::onReplyFinished);
    idle_.start();
}

void HubTransfer::onMetaData()
{
    idle_.start();
    const int status = httpStatus(*reply_);
    if (status == 0 || isRedirect(status)) {
        return; // a redirect's short body is read, so that its connection can be used again
    }
    if (status != 200 && !(status == 206 && query_.range)) {
        deliver({}); // whatever body comes with it, and however long, is not waited for
        return;
    }
    if (const HubVerdict problem = rangeProblem(); problem.status != HubStatus::Ok) {
        deliver(problem);
    } else if (declaredLength(*reply_) > query_.maximumBytes) {
        deliver(tooLarge());
    } else if (declaredLength(*reply_) >= 0) {
        expect(declaredLength(*reply_));
    }
}

/// Notes how much is to come. A server that knows no ranges sends the whole file: fine where that is no more than was
/// asked for.
HubVerdict HubTransfer::rangeProblem()
{
    if (!query_.range) {
        return {};
    }
    if (httpStatus(*reply_) == 200) {
        fileBytes_ = expected_ = declaredLength(*reply_);
        if (query_.range->first == 0 && expected_ >= 0 && expected_ <= query_.range->length) {
            return {};
        }
        return {HubStatus::NoRanges, tr("%1 sends %2 only as a whole, not its header alone. It was not fetched.")
                                         .arg(baseUrl_.host(), query_.what)};
    }
    const ContentRange range = contentRange(*reply_);
    const qint64 length = range.last - range.first + 1;
    const bool fits = range.first == query_.range->first && length >= 1 && length <= query_.range->length &&
                      range.last < range.whole && (length == query_.range->length || range.last == range.whole - 1);
    if (!fits) {
        return {HubStatus::UnexpectedAnswer,
                tr("%1 answered with another part of %2 than was asked for.").arg(baseUrl_.host(), query_.what)};
    }
    expected_ = length;
    fileBytes_ = range.whole;
    return {};
}

void HubTransfer::onReadyRead()
{
    idle_.start();
    body_ += reply_->readAll();
    const qint64 most = expected_ >= 0 ? std::min(expected_, query_.maximumBytes) : query_.maximumBytes;
    if (body_.size() > most) {
        deliver(tooLarge());
    } else if (!isRedirect(httpStatus(*reply_))) {
        Q_EMIT progress(body_.size(), declaredLength(*reply_));
    }
}

void HubTransfer::onReplyFinished()
{
    body_ += reply_->readAll();
    const int status = httpStatus(*reply_);
    if (isRedirect(status)) {
        followRedirect();
    } else if (reply_->error() == QNetworkReply::NoError && body_.size() > query_.maximumBytes) {
        deliver(tooLarge());
    } else if (reply_->error() == QNetworkReply::NoError && expected_ >= 0 && body_.size() != expected_) {
        deliver({HubStatus::Truncated, tr("Only a part of %1 arrived. Try again.").arg(query_.what)});
    } else {
        const bool isAnswer = status == 200 || (status == 206 && query_.range);
        deliver({}, isAnswer && reply_->error() == QNetworkReply::NoError);
    }
}

void HubTransfer::onIdle()
{
    deliver(
        {HubStatus::Timeout,
         tr("%1 sent nothing for %2 seconds.").arg(baseUrl_.host()).arg(static_cast<double>(idle_.interval()) / 1000)});
}

void HubTransfer::onDeadline()
{
    deliver({HubStatus::Timeout, tr("%1 took more than %2 seconds to send %3; it was given up.")
                                     .arg(baseUrl_.host())
                                     .arg(since_.elapsed() / 1000)
                                     .arg(query_.what)});
}

void HubTransfer::followRedirect()
{
    const QUrl location = reply_->attribute(QNetworkRequest::RedirectionTargetAttribute).toUrl();
    const QUrl target = location.isEmpty() ? location : query_.url.resolved(location).adjusted(QUrl::RemoveFragment);
    if (const HubVerdict problem = redirectProblem(target); problem.status != HubStatus::Ok) {
        deliver(problem);
        return;
    }
    const int left = deadline_.remainingTime();
    stop();
    deadline_.start(std::max(1, left));
    ++redirects_;
    query_.url = target;
    if (!sameOrigin(target, baseUrl_)) {
        query_.token.clear(); // for good, should that server send us back
    }
    send();
}

HubVerdict HubTransfer::redirectProblem(const QUrl& target) const
{
    if (!target.isValid() || target.host().isEmpty()) {
        return {HubStatus::RedirectRefused, tr("%1 forwards the request to nowhere.").arg(baseUrl_.host())};
    }
    if (baseUrl_.scheme() == u"https"_s && target.scheme() == u"http"_s) {
        return {
            HubStatus::RedirectRefused,
            tr("%1 forwards the request to an address without encryption. It was not followed.").arg(baseUrl_.host())};
    }
    const bool elsewhere = !sameOrigin(target, baseUrl_);
    const bool isWeb = target.scheme() == u"https"_s || target.scheme() == u"http"_s;
    if ((elsewhere && !(query_.mayLeaveHub && isWeb)) || !target.userInfo().isEmpty()) {
        return {HubStatus::RedirectRefused, tr("%1 forwards the request to another server (%2). It was not followed.")
                                                .arg(baseUrl_.host(), withoutToken(target.host()))};
    }
    if (redirects_ >= maximumRedirects) {
        return {HubStatus::RedirectRefused, tr("%1 forwards the request round and round.").arg(baseUrl_.host())};
    }
    return {};
}

HubVerdict HubTransfer::tooLarge() const
{
    if (query_.range) {
        return {HubStatus::TooLarge, tr("%1 sent more of %2 than was asked for.").arg(baseUrl_.host(), query_.what)};
    }
    return {HubStatus::TooLarge, tr("The file is too large for a %1.").arg(query_.what)};
}

HubAnswer HubTransfer::answer() const
{
    HubAnswer answer;
    answer.host = baseUrl_.host();
    answer.what = query_.what;
    answer.tokenSent = !query_.token.isEmpty();
    answer.error = reply_->error();
    answer.tlsProblem = tlsProblem_;
    answer.httpStatus = httpStatus(*reply_);
    answer.errorCode = reply_->rawHeader("X-Error-Code");
    answer.errorMessage = reply_->rawHeader("X-Error-Message");
    answer.retryAfter = reply_->rawHeader("Retry-After");
    return answer;
}

QString HubTransfer::withoutToken(const QString& text) const
{
    const QString token = QString::fromLatin1(query_.token);
    return !token.isEmpty() && text.contains(token, Qt::CaseInsensitive) ? u"\u2026"_s : text;
}

void HubTransfer::deliver(const HubVerdict& problem, bool delivered)
{
    HubDelivery delivery;
    delivery.problem = problem;
    delivery.answer = answer();
    delivery.declaredLength = declaredLength(*reply_);
    delivery.fileBytes = fileBytes_;
    delivery.body = body_;
    delivery.delivered = delivered;
    stop();
    Q_EMIT finished(delivery); // last: whoever hears it may start the next, or delete this
}

} // namespace weighbridge
