#include "ui/hub/hub_model_fetch.h"

#include "core/quantity/display.h"
#include "ui/hub/hub_kept_weights.h"

#include <algorithm>
#include <QHash>
#include <QLocale>
#include <QStringList>
#include <utility>

namespace weighbridge {
namespace {

using namespace Qt::StringLiterals;

const auto indexName = u"model.safetensors.index.json"_s;
const auto singleName = u"model.safetensors"_s;

/// What a header of a safetensors file takes for a tensor beside its name: dtype, shape and offsets.
constexpr qint64 bytesPerTensor = 120;
constexpr qint64 firstOfSingle = 32'768;
constexpr qint64 firstOfGguf = 262'144;
constexpr qint64 mostKeptBytes = HubModelFetch::mostGgufBytes + 1'048'576;

/// A few names for a message: "Q4_K_M, Q5_K_M, Q8_0 and 12 more".
QString namesOf(const QList<GgufChoice>& choices, qsizetype most)
{
    QStringList names;
    for (const GgufChoice& choice : choices.mid(0, most)) {
        names.append(choice.label());
    }
    const QString text = names.join(u", "_s);
    return choices.size() <= most ? text : HubModelFetch::tr("%1 and %2 more").arg(text).arg(choices.size() - most);
}

bool holds(const std::vector<FetchedFile>& files, const QByteArray& token)
{
    return !token.isEmpty() && std::any_of(files.begin(), files.end(), [&](const FetchedFile& file) {
        return file.bytes.find(token.toStdString()) != std::string::npos;
    });
}

/// Whether what came can be read, by itself or as a family that a person chooses.
bool isModel(const HubResult& result)
{
    const auto model = model_of_fetched(fetchedModel(result), "model", result.repository.toStdString(), {});
    return model || model.error().field == "model_type";
}

} // namespace

FetchedModel fetchedModel(const HubResult& result)
{
    return {result.bytes.toStdString(), result.files, result.counted, result.weightsNote.toStdString()};
}

HubModelFetch::HubModelFetch(QNetworkAccessManager& manager, const QUrl& baseUrl, const QString& cacheDirectory,
                             QObject* parent)
    : QObject(parent), manager_(manager), baseUrl_(baseUrl), cache_(baseUrl, cacheDirectory),
      client_(manager, baseUrl, cacheDirectory), transfer_(manager, baseUrl)
{
    connect(&client_, &HubClient::finished, this, &HubModelFetch::onConfig);
    connect(&client_, &HubClient::progress, this, [this](qint64 received, qint64 total) {
        Q_EMIT progress({u"config.json"_s, received, total});
    });
    connect(&transfer_, &HubTransfer::finished, this, &HubModelFetch::onDelivered);
    deadline_.setSingleShot(true);
    deadline_.setInterval(defaultPatience);
    connect(&deadline_, &QTimer::timeout, this, &HubModelFetch::onDeadline);
}

HubModelFetch::~HubModelFetch()
{
    disconnect(&client_, nullptr, this, nullptr);
}

void HubModelFetch::setIdleTimeout(std::chrono::milliseconds timeout)
{
    idleTimeout_ = timeout;
    client_.setIdleTimeout(timeout);
    transfer_.setIdleTimeout(timeout);
}

void HubModelFetch::setTlsConfiguration(const QSslConfiguration& configuration)
{
    tls_ = configuration;
    client_.setTlsConfiguration(configuration);
    transfer_.setTlsConfiguration(configuration);
}

void HubModelFetch::fetch(const HubReference& reference, const QByteArray& token)
{
    std::optional<HubResult> replaced;
    if (run_) {
        replaced = failure({HubStatus::Cancelled, tr("Replaced by a newer request.")});
        stop();
    }
    run_ = Run{};
    run_->reference = reference;
    run_->token = token;
    deadline_.start();
    const bool refused = client_.refusal(reference, token).status != HubStatus::Ok;
    if (refused || reference.file.isEmpty()) {
        client_.fetchConfig(reference, token); // which refuses from the event loop, with the reason
    } else {
        askForList();
    }
    if (replaced) {
        Q_EMIT finished(*replaced); // last: whoever hears it may start or cancel a fetch, or delete this
    }
}

void HubModelFetch::cancel()
{
    if (!run_) {
        return;
    }
    const HubResult cancelled = failure({HubStatus::Cancelled, tr("Cancelled.")});
    stop();
    end(cancelled);
}

std::optional<HubResult> HubModelFetch::kept(const HubReference& reference) const
{
    std::optional<HubResult> copy;
    if (reference.file.isEmpty()) {
        copy = client_.cachedConfig(reference);
        if (!copy) {
            return std::nullopt;
        }
    }
    const auto weights = cache_.readWeights(reference, mostKeptBytes);
    auto files = weights ? unpackHeaders(weights->bytes) : std::nullopt;
    if (!copy) {
        if (!files) {
            return std::nullopt;
        }
        copy = HubResult{};
        copy->status = HubStatus::FromCache;
        copy->repository = reference.repository;
        copy->revision = effectiveRevision(reference);
        copy->cachedAt = weights->fetchedAt;
        copy->message =
            tr("This is the copy kept on %1.").arg(QLocale().toString(copy->cachedAt, QLocale::ShortFormat));
    }
    copy->file = reference.file;
    if (files) {
        copy->files = std::move(*files);
    }
    return copy;
}

void HubModelFetch::onConfig(const HubResult& result)
{
    if (replacing_ || !run_) {
        return;
    }
    run_->config = result;
    if (result.status == HubStatus::FromCache) {
        HubResult copy = kept(run_->reference).value_or(result);
        copy.cause = result.cause;
        copy.message = result.message;
        end(copy);
        return;
    }
    const bool missing = result.status == HubStatus::NotFoundFile || result.status == HubStatus::NotFound;
    if (result.status == HubStatus::Ok || missing) {
        askForList();
    } else {
        end(result);
    }
}

void HubModelFetch::askForList()
{
    tellProgress(tr("list of files"));
    HubQuery query;
    query.url = repositoryUrl(baseUrl_, run_->reference);
    query.token = run_->token;
    query.what = tr("list of files");
    query.maximumBytes = mostListBytes;
    transfer_.start(query);
}

void HubModelFetch::onDelivered(const HubDelivery& delivery)
{
    if (run_->repository.files.isEmpty()) {
        onList(delivery);
    } else {
        onIndex(delivery);
    }
}

void HubModelFetch::onList(const HubDelivery& delivery)
{
    HubVerdict verdict = verdictOf(delivery);
    if (verdict.status == HubStatus::Ok) {
        if (auto repository = parseRepository(delivery.body)) {
            run_->repository = std::move(*repository);
        } else {
            verdict = {HubStatus::UnexpectedAnswer, tr("%1 did not list the repository's files.").arg(baseUrl_.host())};
        }
    }
    const bool hasConfig = run_->config.status == HubStatus::Ok;
    if (verdict.status != HubStatus::Ok) {
        if (hasConfig) {
            endByRule(tr("Which weights files there are is not known: %1").arg(verdict.message));
        } else if (!run_->reference.file.isEmpty()) {
            endWithFailure(verdict);
        } else {
            end(run_->config); // why there was no config.json says more
        }
        return;
    }
    const QList<GgufChoice> choices = ggufChoices(run_->repository);
    if (!run_->reference.file.isEmpty()) {
        chooseGguf(choices);
        return;
    }
    if (hasConfig) {
        chooseSafetensors();
        return;
    }
    HubResult result = run_->config;
    if (!choices.isEmpty()) {
        result.status = HubStatus::ChooseFile;
        result.choices = choices;
        result.message = tr("%1 holds GGUF files and no config.json. Choose one: %2.")
                             .arg(run_->reference.repository, namesOf(choices, 8));
    }
    end(result);
}

void HubModelFetch::chooseGguf(const QList<GgufChoice>& choices)
{
    const QString wanted = run_->reference.file;
    const QList<GgufChoice> matching = matchingChoices(choices, wanted);
    if (matching.size() != 1) {
        HubResult result = failure({HubStatus::NotFoundFile, {}});
        result.choices = matching.isEmpty() ? choices : matching;
        result.status = result.choices.isEmpty() ? HubStatus::NotFoundFile : HubStatus::ChooseFile;
        if (choices.isEmpty()) {
            result.message = tr("The repository %1 has no GGUF files.").arg(run_->reference.repository);
        } else if (matching.isEmpty()) {
            result.message =
                tr("%1 has no GGUF file %2. It has: %3.").arg(run_->reference.repository, wanted, namesOf(choices, 8));
        } else {
            QStringList names;
            for (const GgufChoice& choice : matching.mid(0, 8)) {
                names.append(choice.name);
            }
            result.message = tr("%1 means several files of %2: %3. Give the name of one.")
                                 .arg(wanted, run_->reference.repository, names.join(u", "_s));
        }
        end(result);
        return;
    }
    QList<HubHeader::Task> tasks;
    for (const QString& part : matching.first().parts) {
        const HubFile* file = run_->repository.find(part);
        tasks.append({run_->reference, part, file == nullptr ? -1 : file->size, firstOfGguf});
    }
    startHeaders(tasks, mostGgufBytes);
}

void HubModelFetch::chooseSafetensors()
{
    const HubRepository& repository = run_->repository;
    if (const HubFile* index = repository.find(indexName)) {
        if (index->size > mostIndexBytes) {
            endByRule(tr("The list of the repository's tensors is too long (%1 bytes) to be fetched.")
                          .arg(QString::fromStdString(grouped(index->size))));
            return;
        }
        tellProgress(indexName);
        HubQuery query;
        query.url = fileUrl(baseUrl_, run_->reference, indexName);
        query.token = run_->token;
        query.what = indexName;
        query.maximumBytes = mostIndexBytes;
        query.mayLeaveHub = true;
        transfer_.start(query);
        return;
    }
    if (const HubFile* single = repository.find(singleName)) {
        startHeaders({{run_->reference, singleName, single->size, firstOfSingle}}, mostSafetensorsBytes);
        return;
    }
    const QList<GgufChoice> choices = ggufChoices(repository);
    if (choices.isEmpty()) {
        endByRule(tr("The repository holds no model.safetensors, so the weights follow the rule."));
        return;
    }
    run_->config.choices = choices;
    endByRule(tr("The repository's weights are GGUF files (%1); without one of them the weights follow the rule.")
                  .arg(namesOf(choices, 8)));
}

void HubModelFetch::onIndex(const HubDelivery& delivery)
{
    const HubVerdict verdict = verdictOf(delivery);
    if (verdict.status != HubStatus::Ok) {
        endByRule(tr("The sizes of the weights files are not known: %1").arg(verdict.message));
        return;
    }
    const auto index = read_safetensors_index(
        {delivery.body.constData(), static_cast<std::size_t>(delivery.body.size())}, indexName.toStdString());
    if (!index) {
        endByRule(
            tr("The sizes of the weights files are not known: %1").arg(QString::fromStdString(index.error().message)));
        return;
    }
    run_->index = delivery.body;
    std::vector<qint64> firstBytes(index->files.size(), 1024);
    for (const auto& [tensor, file] : index->tensor_file) {
        firstBytes.at(file) += bytesPerTensor + static_cast<qint64>(tensor.size());
    }
    QList<HubHeader::Task> tasks;
    qint64 all = 0;
    for (std::size_t i = 0; i < index->files.size(); ++i) {
        const QString name = QString::fromStdString(index->files[i]);
        const HubFile* file = run_->repository.find(name);
        tasks.append({run_->reference, name, file == nullptr ? -1 : file->size, firstBytes[i]});
        all += firstBytes[i];
    }
    if (all > mostSafetensorsBytes) {
        endByRule(tr("The headers of the repository's %1 files are too long to be fetched.").arg(tasks.size()));
        return;
    }
    startHeaders(tasks, mostSafetensorsBytes);
}

void HubModelFetch::startHeaders(const QList<HubHeader::Task>& tasks, qint64 budget)
{
    budget_.left = budget;
    run_->tasks = tasks;
    run_->files.resize(static_cast<std::size_t>(tasks.size()));
    tellProgress(tasks.first().file);
    while (run_->started < std::min(tasks.size(), atOnce)) {
        startNextHeader();
    }
}

void HubModelFetch::startNextHeader()
{
    const qsizetype place = run_->started++;
    auto* header = new HubHeader(manager_, baseUrl_, budget_, this);
    headers_.push_back(header);
    header->setIdleTimeout(idleTimeout_);
    header->setTlsConfiguration(tls_);
    connect(header, &HubHeader::received, this, [this, place](qint64 bytes) {
        run_->received += bytes;
        tellProgress(run_->tasks.at(place).file);
    });
    connect(header, &HubHeader::finished, this,
            [this, header, place](const HubVerdict& verdict) { onHeader(*header, place, verdict); });
    header->start(run_->tasks.at(place), run_->token);
}

void HubModelFetch::onHeader(HubHeader& header, qsizetype place, const HubVerdict& verdict)
{
    if (verdict.status != HubStatus::Ok) {
        if (run_->config.status == HubStatus::Ok && run_->reference.file.isEmpty()) {
            endByRule(tr("The sizes of the weights files are not known: %1").arg(verdict.message));
        } else {
            endWithFailure(verdict);
        }
        return;
    }
    run_->files.at(static_cast<std::size_t>(place)) = header.file();
    std::erase(headers_, &header);
    header.deleteLater();
    ++run_->done;
    if (run_->done == static_cast<int>(run_->tasks.size())) {
        endWithHeaders();
    } else if (run_->started < run_->tasks.size()) {
        startNextHeader();
    }
}

void HubModelFetch::tellProgress(const QString& what)
{
    const auto files = static_cast<int>(run_->tasks.size());
    Q_EMIT progress({what, run_->received, -1, run_->done, std::max(1, files)});
}

HubVerdict HubModelFetch::verdictOf(const HubDelivery& delivery) const
{
    if (delivery.problem.status != HubStatus::Ok || delivery.delivered) {
        return delivery.problem;
    }
    HubAnswer answer = delivery.answer;
    answer.repository = run_->reference.repository;
    answer.revision = effectiveRevision(run_->reference);
    return judgeFailure(answer);
}

HubResult HubModelFetch::failure(const HubVerdict& verdict) const
{
    HubResult result;
    result.status = verdict.status;
    result.message = verdict.message;
    result.repository = run_->reference.repository;
    result.revision = effectiveRevision(run_->reference);
    result.file = run_->reference.file;
    return result;
}

void HubModelFetch::stop()
{
    replacing_ = true;
    client_.cancel();
    replacing_ = false;
    transfer_.stop();
    for (HubHeader* header : headers_) {
        header->disconnect(this);
        header->deleteLater();
    }
    headers_.clear();
}

void HubModelFetch::onDeadline()
{
    const HubVerdict verdict{
        HubStatus::Timeout,
        tr("%1 took more than %2 seconds for all that was asked; it was given up.")
            .arg(baseUrl_.host())
            .arg(std::chrono::duration_cast<std::chrono::seconds>(deadline_.intervalAsDuration()).count())};
    if (run_->config.status == HubStatus::Ok && run_->reference.file.isEmpty()) {
        endByRule(tr("The sizes of the weights files are not known: %1").arg(verdict.message));
    } else {
        endWithFailure(verdict);
    }
}

void HubModelFetch::endByRule(const QString& note)
{
    stop();
    HubResult result = run_->config;
    result.weightsNote = note;
    for (const HubCount& count : std::as_const(run_->repository.counts)) {
        result.counted.push_back({count.type.toStdString(), count.elements});
    }
    end(result);
}

void HubModelFetch::endWithHeaders()
{
    HubResult result = run_->reference.file.isEmpty() ? run_->config : failure({});
    result.status = HubStatus::Ok;
    result.file = run_->reference.file;
    if (!run_->index.isEmpty()) {
        result.files.push_back(
            {indexName.toStdString(), static_cast<std::uint64_t>(run_->index.size()), run_->index.toStdString()});
    }
    std::move(run_->files.begin(), run_->files.end(), std::back_inserter(result.files));
    if (result.message.isEmpty()) {
        result.message = tr("Fetched from %1.").arg(baseUrl_.host());
    }
    // A server that echoes the token must not get it onto the disk, and what is no model must not replace one that is.
    if (holds(result.files, run_->token) || !isModel(result) ||
        !cache_.writeWeights(run_->reference, packHeaders(result.files))) {
        result.message += u' ' + tr("The headers of its weights could not be kept for use without a network.");
    }
    end(result);
}

void HubModelFetch::endWithFailure(const HubVerdict& verdict)
{
    stop();
    if (mayUseCache(verdict.status)) {
        if (auto copy = kept(run_->reference)) {
            copy->cause = verdict.status;
            copy->message = verdict.message + u' ' + copy->message;
            end(*copy);
            return;
        }
    }
    end(failure(verdict));
}

void HubModelFetch::end(const HubResult& result)
{
    HubResult ended = result; // it may be in what is reset
    ended.file = run_->reference.file;
    run_.reset();
    deadline_.stop();
    Q_EMIT finished(ended); // last: whoever hears it may start the next fetch, or delete this
}

} // namespace weighbridge
