#include "ui/hub/hub_client.h"

#include "core/sources/hf_config.h"
#include "core/sources/json_text.h"
#include "ui/hub/hub_token.h"

#include <nlohmann/json.hpp>

#include <QLocale>
#include <utility>

namespace weighbridge {
namespace {

using namespace Qt::StringLiterals;

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

enum class Describes
{
    Nothing,
    UnknownFamily, ///< a person may have it read as another
    Model,
};

Describes whatDescribes(const QByteArray& bytes)
{
    const auto config = parse_json({bytes.constData(), static_cast<std::size_t>(bytes.size())}, "config.json");
    if (!config || !config->is_object()) {
        return Describes::Nothing;
    }
    const auto model = import_config(*config, "model");
    if (model) {
        return Describes::Model;
    }
    const auto type = config->find("model_type");
    const bool isNamed = model.error().field == "model_type" && type != config->end() && type->is_string();
    return isNamed ? Describes::UnknownFamily : Describes::Nothing;
}

} // namespace

HubClient::HubClient(QNetworkAccessManager& manager, const QUrl& baseUrl, const QString& cacheDirectory,
                     QObject* parent)
    : QObject(parent), manager_(manager), baseUrl_(baseUrl), cache_(baseUrl, cacheDirectory),
      transfer_(manager, baseUrl)
{
    refused_.setSingleShot(true);
    connect(&transfer_, &HubTransfer::progress, this, &HubClient::progress);
    connect(&transfer_, &HubTransfer::finished, this, &HubClient::onDelivered);
    connect(&refused_, &QTimer::timeout, this, [this] { conclude(refusal(fetch_->reference, fetch_->token)); });
}

HubClient::~HubClient() = default;

void HubClient::setIdleTimeout(std::chrono::milliseconds timeout)
{
    transfer_.setIdleTimeout(timeout);
}

void HubClient::setMaximumBytes(qint64 bytes)
{
    maximumBytes_ = bytes;
}

void HubClient::setTlsConfiguration(const QSslConfiguration& configuration)
{
    transfer_.setTlsConfiguration(configuration);
}

void HubClient::fetchConfig(const HubReference& reference, const QByteArray& token)
{
    std::optional<HubResult> replaced;
    if (fetch_) {
        replaced = result({HubStatus::Cancelled, tr("Replaced by a newer request.")});
        stop();
    }
    fetch_ = Fetch{reference, token, {}};
    if (refusal(reference, token).status != HubStatus::Ok) {
        refused_.start(0);
    } else {
        HubQuery query;
        query.url = configUrl(baseUrl_, reference);
        query.token = token;
        query.what = u"config.json"_s;
        query.maximumBytes = maximumBytes_;
        transfer_.start(query);
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

void HubClient::onDelivered(const HubDelivery& delivery)
{
    if (delivery.problem.status != HubStatus::Ok) {
        conclude(delivery.problem);
        return;
    }
    if (!delivery.delivered) {
        HubAnswer answer = delivery.answer;
        answer.repository = fetch_->reference.repository;
        answer.revision = effectiveRevision(fetch_->reference);
        conclude(judgeFailure(answer));
        return;
    }
    fetch_->body = delivery.body;
    const HubVerdict verdict = judgeBody(fetch_->body, delivery.declaredLength);
    if (verdict.status == HubStatus::Ok && whatDescribes(fetch_->body) == Describes::Nothing) {
        // A network that asks for a login first answers everything, and with any status.
        if (const auto copy = copyInPlaceOf({HubStatus::WrongShape, tr("What came describes no model.")})) {
            stop();
            end(*copy);
            return;
        }
    }
    conclude(verdict);
}

void HubClient::stop()
{
    transfer_.stop();
    refused_.stop();
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
    // What can't be read takes no place of what could be.
    if (whatDescribes(kept.bytes) != Describes::Model) {
        const auto earlier = cache_.read(fetch_->reference, maximumBytes_);
        if (earlier && whatDescribes(earlier->bytes) == Describes::Model) {
            kept.message += u' ' + tr("The copy kept earlier stays.");
            return kept;
        }
    }
    // A server that echoes the token must not get it onto the disk.
    const bool echoed = !fetch_->token.isEmpty() && kept.bytes.contains(fetch_->token);
    if (echoed || !cache_.write(fetch_->reference, kept.bytes)) {
        kept.message += u' ' + tr("No copy could be kept for use without a network.");
    }
    return kept;
}

void HubClient::conclude(const HubVerdict& verdict)
{
    stop();
    if (verdict.status == HubStatus::TlsFailure) {
        // The manager remembers the TLS settings of a host; without this a retry with other trust fails again.
        manager_.clearConnectionCache();
    }
    if (verdict.status == HubStatus::Ok) {
        end(keep());
        return;
    }
    const auto copy = mayUseCache(verdict.status) ? copyInPlaceOf(verdict) : std::nullopt;
    end(copy ? *copy : result(verdict));
}

/// The kept copy, where there is one, with the words for why it is shown.
std::optional<HubResult> HubClient::copyInPlaceOf(const HubVerdict& verdict) const
{
    const std::optional<CachedConfig> copy = cache_.read(fetch_->reference, maximumBytes_);
    if (!copy) {
        return std::nullopt;
    }
    HubResult kept = cachedResult(fetch_->reference, *copy);
    kept.cause = verdict.status;
    kept.message = verdict.message + u' ' + tr("Shown is the copy kept on %1.").arg(cachedDate(kept.cachedAt));
    return kept;
}

void HubClient::end(const HubResult& result)
{
    fetch_.reset();
    Q_EMIT finished(result); // last: whoever hears it may start the next fetch, or delete this
}

} // namespace weighbridge
