#include "ui/models/model_source.h"

#include "core/files/files.h"
#include "core/files/model_path.h"
#include "core/quantity/display.h"
#include "core/sources/hf_config.h"
#include "core/sources/json_text.h"
#include "core/sources/resemblance.h"
#include "core/sources/stored_comparison.h"
#include "ui/hub/hub_model_fetch.h"
#include "ui/hub/hub_token.h"
#include "ui/models/model_reader.h"
#include "ui/session/text.h"

#include <nlohmann/json.hpp>

#include <QDir>
#include <QFileInfo>
#include <QNetworkAccessManager>
#include <QStandardPaths>

#include <utility>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

HubReference referenceOf(const HubResult& result)
{
    return {result.repository, result.revision, result.file};
}

/// "Qwen3-8B", or "Qwen3-8B-GGUF:Q4_K_M" where a file was named.
QString nameOf(const HubResult& result)
{
    QString name = shortModelName(result.repository);
    if (result.file.isEmpty())
        return name;
    const bool isFile = result.file.endsWith(".gguf"_L1);
    return name + u':' + (isFile ? GgufChoice{result.file, {}, -1}.label() : result.file);
}

QString resemblanceText(const Resemblance& resemblance)
{
    const QString family = toQt(resemblance.family);
    const QString understood = toQt(listed_keys(resemblance.understood));
    if (resemblance.not_understood.empty())
        return ModelSource::tr("It resembles %1, which understands all that matters of it: %2.")
            .arg(family, understood);
    return ModelSource::tr("It resembles %1, which understands %2, but not %3.")
        .arg(family, understood, toQt(listed_keys(resemblance.not_understood)));
}

QString unknownFamilyText(const QString& name, const nlohmann::json& modelType,
                          const std::vector<Resemblance>& resembled)
{
    const QString text = modelType.is_null()
                             ? ModelSource::tr("%1 has no model_type, so nothing says which network it is.").arg(name)
                             : ModelSource::tr("%1: its model_type %2 is not known.").arg(name, toQt(brief(modelType)));
    return resembled.empty() ? text : text + u' ' + resemblanceText(resembled.front());
}

/// What came in: "Llama-3.1-8B: 8.03B parameters", and what its files hold where they were read.
QString doneText(const Model& model)
{
    const QString text =
        ModelSource::tr("%1: %2 parameters").arg(toQt(model.name), toQt(parameters_text(model.parameters.total)));
    const std::string stored = stored_summary(model);
    return stored.empty() ? text : text + u"; "_s + toQt(stored);
}

/// The config.json of a model folder, or of the folder that a weights file is in; empty where there is none.
QByteArray configBeside(const ModelReference& reference)
{
    const QFileInfo file(toQt(reference.text));
    const auto path = config_path(fromQt(file.isDir() ? file.filePath() : file.path()));
    const auto text = path ? read_file(*path) : Result<std::string>(path.error());
    return text ? QByteArray::fromStdString(*text) : QByteArray();
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
    return (client_ != nullptr && client_->isRunning()) || (reader_ != nullptr && reader_->isRunning());
}

ModelReader& ModelSource::reader()
{
    if (reader_ != nullptr)
        return *reader_;
    reader_ = new ModelReader(this);
    connect(reader_, &ModelReader::progress, this, [this](const ReadProgress& progress) {
        const QString read = toQt(in_fitting_unit({static_cast<std::int64_t>(progress.bytes)}, ByteUnit::gib));
        setStatus(SourceStatus::Kind::busy,
                  progress.of > 1
                      ? tr("Reading headers: %1 of %2 files, %3").arg(progress.files).arg(progress.of).arg(read)
                      : tr("Reading the header: %1").arg(read),
                  SourceStatus::Action::cancel);
    });
    return *reader_;
}

HubModelFetch& ModelSource::client()
{
    if (client_ != nullptr)
        return *client_;
    QNetworkAccessManager* manager = hub_.makeManager(this);
    client_ = new HubModelFetch(*manager, hub_.baseUrl, hub_.cacheDirectory, this);
    connect(client_, &HubModelFetch::finished, this, &ModelSource::onFinished);
    connect(client_, &HubModelFetch::progress, this, &ModelSource::onProgress);
    return *client_;
}

void ModelSource::onProgress(const HubProgress& progress)
{
    const auto shown = [](qint64 bytes) { return toQt(in_fitting_unit({bytes}, ByteUnit::gib)); };
    QString text = tr("Fetching %1: %2").arg(progress.what, shown(progress.received));
    if (progress.of > 1)
        text = tr("Fetching headers: %1 of %2 files, %3")
                   .arg(progress.files)
                   .arg(progress.of)
                   .arg(shown(progress.received));
    else if (progress.total > 0)
        text = tr("Fetching %1: %2 of %3").arg(progress.what, shown(progress.received), shown(progress.total));
    setStatus(SourceStatus::Kind::busy, text, SourceStatus::Action::cancel);
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
    if (reader_ != nullptr)
        reader_->cancel();
    client().fetch(*parsed.reference, known.token);
    setStatus(SourceStatus::Kind::busy, tr("Fetching %1 …").arg(parsed.reference->repository),
              SourceStatus::Action::cancel);
}

void ModelSource::cancel()
{
    if (reader_ != nullptr && reader_->isRunning()) {
        reader_->cancel();
        fail(tr("Cancelled."));
    }
    if (client_ != nullptr)
        client_->cancel();
}

void ModelSource::supersede()
{
    if (isRunning()) {
        if (reader_ != nullptr)
            reader_->cancel();
        if (client_ != nullptr)
            client_->cancel();
    }
    if (status_.kind != SourceStatus::Kind::idle)
        setStatus(SourceStatus::Kind::idle, {}); // what was said is of another model
}

void ModelSource::onFinished(const HubResult& result)
{
    if (result.status == HubStatus::Cancelled && isRunning())
        return; // a newer fetch took its place
    if (result.status == HubStatus::ChooseFile) {
        setStatus(SourceStatus::Kind::done, result.message);
        offerFiles(result);
        return;
    }
    if (!result.hasConfig()) {
        const bool needsToken = result.status == HubStatus::Gated || result.status == HubStatus::BadToken;
        setStatus(SourceStatus::Kind::problem, result.message,
                  needsToken ? SourceStatus::Action::enterToken : SourceStatus::Action::none);
        return;
    }
    takeFetched(result, {});
}

void ModelSource::offerFiles(const HubResult& result)
{
    status_.action = SourceStatus::Action::chooseFile;
    status_.repository = referenceText({result.repository, result.revision, {}});
    status_.choices = result.choices;
    Q_EMIT statusChanged();
}

void ModelSource::takeFetched(const HubResult& result, const QString& readAs)
{
    const QString source = referenceText(referenceOf(result));
    const QString name = nameOf(result);
    const auto loaded = loadFetched(fetchedModel(result), name, source, {.read_as = fromQt(readAs)});
    if (!loaded) {
        refuse(name, loaded.error(), result.bytes,
               [this, result](const QString& family) { takeFetched(result, family); });
        return;
    }
    const Model& model = *loaded->model;
    const bool exact = model.published && model.published->stored;
    const QString more = exact ? doneText(model) : result.weightsNote;
    take(*loaded, RecentModel::Kind::hub, source);
    setStatus(SourceStatus::Kind::done, more.isEmpty() ? result.message : result.message + u' ' + more);
    if (!result.choices.isEmpty())
        offerFiles(result);
}

void ModelSource::openConfig(const QByteArray& bytes, const QString& name, const QString& path)
{
    takeConfig(bytes, name, path, {});
}

void ModelSource::takeConfig(const QByteArray& bytes, const QString& name, const QString& path, const QString& readAs)
{
    const auto loaded = loadConfig(bytes, name, path, {.read_as = fromQt(readAs)});
    if (!loaded) {
        refuse(name, loaded.error(), bytes,
               [=, this](const QString& family) { takeConfig(bytes, name, path, family); });
        return;
    }
    supersede();
    take(*loaded, RecentModel::Kind::file, path);
    setStatus(SourceStatus::Kind::done, doneText(*loaded->model));
}

void ModelSource::take(const LoadedModel& loaded, RecentModel::Kind kind, const QString& source)
{
    readAs_ = nullptr;
    session_.setModel(loaded);
    const Model& model = *loaded.model;
    Q_EMIT opened({kind, source, toQt(model.name), toQt(model.architecture.family), model.parameters.total,
                   model.architecture.max_position_embeddings});
}

void ModelSource::openWeights(const QString& path)
{
    ModelReference reference;
    reference.kind = ModelReference::Kind::path;
    reference.text = fromQt(QFileInfo(path).absoluteFilePath());
    readFile(reference);
}

void ModelSource::readFile(const ModelReference& reference)
{
    readWeights(reference, [this, reference](const LoadedModel& loaded) {
        take(loaded, RecentModel::Kind::file, toQt(reference.text));
    });
}

void ModelSource::readWeights(const ModelReference& reference, const std::function<void(const LoadedModel&)>& then)
{
    const QString name = QFileInfo(toQt(reference.text)).fileName();
    reader().read(reference, [this, reference, name, then](const Result<LoadedModel>& loaded) {
        if (!loaded) {
            refuse(name, loaded.error(), configBeside(reference), [this, reference](const QString& family) {
                ModelReference chosen = reference;
                chosen.read_as = fromQt(family);
                readFile(chosen);
            });
            return;
        }
        readAs_ = nullptr;
        then(*loaded);
        setStatus(SourceStatus::Kind::done, doneText(*loaded->model));
    });
    setStatus(SourceStatus::Kind::busy, tr("Reading %1 …").arg(name), SourceStatus::Action::cancel);
    if (client_ != nullptr)
        client_->cancel(); // silent: something else is running
}

void ModelSource::fail(const QString& message)
{
    setStatus(SourceStatus::Kind::problem, message);
}

void ModelSource::readAs(const QString& family)
{
    if (const auto read = std::exchange(readAs_, nullptr))
        read(family);
}

void ModelSource::openRecent(const RecentModel& model, const QString& token)
{
    if (model.kind == RecentModel::Kind::file) {
        Q_EMIT fileWanted(model.source);
        return;
    }
    const ParsedReference parsed = parseModelReference(model.source, hub_.baseUrl);
    if (parsed.reference) {
        if (const auto kept = client().kept(*parsed.reference)) {
            onFinished(*kept);
            return;
        }
    }
    fetch(model.source, {}, token);
}

Outcome ModelSource::choose(const QString& value, const QList<RecentModel>& recents, const QString& token)
{
    const QString rest = value.section(u':', 1);
    if (value.startsWith("recent:"_L1)) {
        const int index = rest.toInt();
        if (index >= 0 && index < recents.size())
            openRecent(RecentModel(recents.at(index)), token); // a copy: opening it moves it in the list
        return {};
    }
    const auto model = value == "custom"_L1 ? loadCustom(session_.model()->architecture) : loadPreset(rest);
    if (!model)
        return model.error();
    supersede();
    session_.setModel(*model);
    return {};
}

Result<LoadedModel> ModelSource::loadedHere(const ModelReference& reference)
{
    return load_model(reference, [this](const ModelReference& wanted) { return kept(wanted); });
}

Result<FetchedModel> ModelSource::kept(const ModelReference& reference)
{
    const QString shown = toQt(reference.text);
    const ParsedReference parsed = parseModelReference(shown, hub_.baseUrl);
    if (!parsed.reference)
        return Error{"model", fromQt(parsed.error)};
    const auto copy = client().kept(*parsed.reference);
    if (!copy)
        return Error{"model",
                     fromQt(tr("it names the model %1 of the Hub, of which there is no copy here: fetch it first, then "
                               "open the scenario")
                                .arg(shown))};
    return fetchedModel(*copy);
}

void ModelSource::offerFamilies(const QString& name, const QByteArray& config, const QString& message)
{
    status_ = {};
    status_.kind = SourceStatus::Kind::problem;
    status_.text = unknownFamilyText(name, {}, {});
    status_.action = SourceStatus::Action::readAs;
    status_.details = message;
    const auto keys = parse_json({config.constData(), static_cast<std::size_t>(config.size())}, "config.json");
    if (keys && keys->is_object()) {
        const std::vector<Resemblance> resembled = resembled_families(*keys);
        status_.text = unknownFamilyText(name, keys->value("model_type", nlohmann::json()), resembled);
        for (const Resemblance& resemblance : resembled)
            status_.offers << toQt(resemblance.family);
    }
    status_.offers << toQt(llama_like);
    Q_EMIT statusChanged();
}

void ModelSource::refuse(const QString& name, const Error& error, const QByteArray& config,
                         std::function<void(const QString& family)> readAs)
{
    const QString message = toQt(error.message);
    if (error.field == "model_type") {
        readAs_ = std::move(readAs);
        offerFamilies(name, config, message);
        return;
    }
    readAs_ = nullptr;
    setStatus(SourceStatus::Kind::problem, message.contains(name) ? message : tr("%1: %2").arg(name, message));
}

void ModelSource::setStatus(SourceStatus::Kind kind, const QString& text, SourceStatus::Action action)
{
    status_ = {kind, text, action, {}, {}};
    Q_EMIT statusChanged();
}

} // namespace weighbridge
