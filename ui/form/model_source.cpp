#include "ui/form/model_source.h"

#include "core/quantity/display.h"
#include "core/sources/hf_config.h"
#include "core/sources/json_text.h"
#include "core/sources/resemblance.h"
#include "ui/hub/hub_client.h"
#include "ui/hub/hub_token.h"
#include "ui/session/text.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>
#include <QDir>
#include <QLocale>
#include <QNetworkAccessManager>
#include <QStandardPaths>

#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

QString sourceOf(const HubResult& result)
{
    const bool plain = result.revision.isEmpty() || result.revision == "main"_L1;
    return plain ? result.repository : result.repository + u'@' + result.revision;
}

struct ModelSourceText
{
    Q_DECLARE_TR_FUNCTIONS(ModelSource)
};

QString resemblanceText(const Resemblance& resemblance)
{
    const QString family = toQt(resemblance.family);
    const QString understood = toQt(listed_keys(resemblance.understood));
    if (resemblance.not_understood.empty())
        return ModelSourceText::tr("It resembles %1, which understands all that matters of it: %2.")
            .arg(family, understood);
    return ModelSourceText::tr("It resembles %1, which understands %2, but not %3.")
        .arg(family, understood, toQt(listed_keys(resemblance.not_understood)));
}

QString unknownFamilyText(const QString& name, const nlohmann::json& modelType,
                          const std::vector<Resemblance>& resembled)
{
    const QString text =
        modelType.is_null()
            ? ModelSourceText::tr("%1 has no model_type, so nothing says which network it is.").arg(name)
            : ModelSourceText::tr("%1: its model_type %2 is not known.").arg(name, toQt(brief(modelType)));
    return resembled.empty() ? text : text + u' ' + resemblanceText(resembled.front());
}

} // namespace

HubAccess HubAccess::standard()
{
    HubAccess access;
    access.makeManager = [](QObject* parent) { return new QNetworkAccessManager(parent); };
    access.environment = HubEnvironment::ofProcess();
    access.baseUrl = hubBaseUrl(access.environment);
    access.cacheDirectory = QDir(QStandardPaths::writableLocation(QStandardPaths::CacheLocation)).filePath(u"hub"_s);
    return access;
}

ModelSource::ModelSource(Session& session, HubAccess hub, QObject* parent)
    : QObject(parent), session_(session), hub_(std::move(hub))
{
}

ModelSource::~ModelSource() = default;

bool ModelSource::isRunning() const
{
    return client_ != nullptr && client_->isRunning();
}

HubClient& ModelSource::client()
{
    if (client_ != nullptr)
        return *client_;
    QNetworkAccessManager* manager = hub_.makeManager(this);
    client_ = new HubClient(*manager, hub_.baseUrl, hub_.cacheDirectory, this);
    connect(client_, &HubClient::finished, this, &ModelSource::onFinished);
    connect(client_, &HubClient::progress, this, [this](qint64 received, qint64 total) {
        const QLocale locale = QLocale::c();
        setStatus(SourceStatus::Kind::busy,
                  total > 0 ? tr("Fetching: %1 of %2 bytes").arg(locale.toString(received), locale.toString(total))
                            : tr("Fetching: %1 bytes").arg(locale.toString(received)),
                  SourceStatus::Action::cancel);
    });
    return *client_;
}

void ModelSource::fetch(const QString& text, const QString& revision, const QString& token)
{
    ParsedReference parsed = parseModelReference(text, hub_.baseUrl);
    if (!parsed.reference) {
        fail(parsed.error);
        return;
    }
    if (!revision.trimmed().isEmpty())
        parsed.reference->revision = revision.trimmed();
    const HubToken known = resolveHubToken(token, hub_.environment);
    if (!known.error.isEmpty()) {
        setStatus(SourceStatus::Kind::problem, known.error, SourceStatus::Action::enterToken);
        return;
    }
    client().fetchConfig(*parsed.reference, known.token);
    setStatus(SourceStatus::Kind::busy, tr("Fetching %1 …").arg(parsed.reference->repository),
              SourceStatus::Action::cancel);
}

void ModelSource::cancel()
{
    if (client_ != nullptr)
        client_->cancel();
}

void ModelSource::onFinished(const HubResult& result)
{
    if (result.status == HubStatus::Cancelled && isRunning())
        return; // a newer fetch took its place
    if (!result.hasConfig()) {
        const bool needsToken = result.status == HubStatus::Gated || result.status == HubStatus::BadToken;
        setStatus(SourceStatus::Kind::problem, result.message,
                  needsToken ? SourceStatus::Action::enterToken : SourceStatus::Action::none);
        return;
    }
    import({result.bytes, shortModelName(result.repository), RecentModel::Kind::hub, sourceOf(result), result.message},
           {});
}

void ModelSource::openConfig(const QByteArray& bytes, const QString& name, const QString& path)
{
    import({bytes, name, RecentModel::Kind::file, path, {}}, {});
}

void ModelSource::fail(const QString& message)
{
    setStatus(SourceStatus::Kind::problem, message);
}

void ModelSource::readAs(const QString& family)
{
    const Candidate candidate = std::exchange(refused_, {});
    if (!candidate.bytes.isEmpty())
        import(candidate, family);
}

void ModelSource::openRecent(const RecentModel& model, const QString& token)
{
    if (model.kind == RecentModel::Kind::file) {
        Q_EMIT fileWanted(model.source);
        return;
    }
    const ParsedReference parsed = parseModelReference(model.source, hub_.baseUrl);
    if (parsed.reference) {
        if (const auto kept = client().cachedConfig(*parsed.reference)) {
            onFinished(*kept);
            return;
        }
    }
    fetch(model.source, {}, token);
}

Result<LoadedModel> ModelSource::kept(const ModelReference& reference)
{
    const QString shown = toQt(reference.text);
    const ParsedReference parsed = parseModelReference(shown, hub_.baseUrl);
    if (!parsed.reference)
        return Error{"model", fromQt(parsed.error)};
    const auto copy = client().cachedConfig(*parsed.reference);
    if (!copy)
        return Error{"model",
                     fromQt(tr("it names the model %1 of the Hub, of which there is no copy here: fetch it first, then "
                               "open the scenario")
                                .arg(shown))};
    const QString name = reference.name.empty() ? shortModelName(copy->repository) : toQt(reference.name);
    return loadConfig(copy->bytes, name, sourceOf(*copy), {.read_as = reference.read_as});
}

void ModelSource::offerFamilies(const Candidate& candidate, const QString& message)
{
    refused_ = candidate;
    status_ = {SourceStatus::Kind::problem, unknownFamilyText(candidate.name, {}, {}), SourceStatus::Action::readAs};
    status_.details = message;
    const QByteArray& bytes = candidate.bytes;
    if (const auto config = parse_json({bytes.constData(), static_cast<std::size_t>(bytes.size())}, "config.json")) {
        const std::vector<Resemblance> resembled = resembled_families(*config);
        status_.text = unknownFamilyText(candidate.name, config->value("model_type", nlohmann::json()), resembled);
        for (const Resemblance& resemblance : resembled)
            status_.offers << toQt(resemblance.family);
    }
    status_.offers << toQt(llama_like);
    Q_EMIT statusChanged();
}

void ModelSource::import(const Candidate& candidate, const QString& readAs)
{
    const auto loaded = loadConfig(candidate.bytes, candidate.name, candidate.source, {.read_as = fromQt(readAs)});
    if (!loaded) {
        const QString message = toQt(loaded.error().message);
        refused_ = {};
        if (loaded.error().field == "model_type" && readAs.isEmpty())
            offerFamilies(candidate, message);
        else
            setStatus(SourceStatus::Kind::problem, tr("%1: %2").arg(candidate.name, message));
        return;
    }
    refused_ = {};
    session_.setModel(*loaded);
    const Model& model = *loaded->model;
    setStatus(SourceStatus::Kind::done,
              candidate.note.isEmpty()
                  ? tr("%1: %2 parameters").arg(candidate.name, toQt(parameters_text(model.parameters.total)))
                  : candidate.note);
    Q_EMIT opened({candidate.kind, candidate.source, candidate.name, toQt(model.architecture.family),
                   model.parameters.total, model.architecture.max_position_embeddings});
}

void ModelSource::setStatus(SourceStatus::Kind kind, const QString& text, SourceStatus::Action action)
{
    status_ = {kind, text, action, {}, {}};
    Q_EMIT statusChanged();
}

} // namespace weighbridge
