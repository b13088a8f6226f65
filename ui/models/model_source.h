#pragma once

#include "ui/hub/hub_environment.h"
#include "ui/hub/hub_request.h"
#include "ui/hub/hub_result.h"
#include "ui/session/session.h"
#include "ui/settings/settings.h"

#include <QObject>
#include <QString>
#include <QStringList>
#include <QUrl>

#include <functional>

class QNetworkAccessManager;

namespace weighbridge {

class HubModelFetch;
struct HubProgress;
class ModelReader;

/// What the Hub is reached by; tests bring their own.
struct HubAccess
{
    std::function<QNetworkAccessManager*(QObject* parent)> makeManager; ///< called on the first fetch
    QUrl baseUrl;
    QString cacheDirectory;
    HubEnvironment environment;

    /// The Hub as this process's surroundings name it, with a cache in the user's cache folder.
    static HubAccess standard();
};

/// What became of the last attempt to get a model.
struct SourceStatus
{
    enum class Kind
    {
        idle,
        busy,
        done,
        problem,
    };
    enum class Action
    {
        none,
        cancel,
        readAs, ///< the model_type is not known; the person may have it read as one of `offers`
        enterToken,
        chooseFile, ///< the weights are GGUF files: one of `choices`
    };

    Kind kind = Kind::idle;
    QString text;
    Action action = Action::none;
    QString repository = {};        ///< with chooseFile: what the choice is made of, "org/name" or "org/name@revision"
    QList<GgufChoice> choices = {}; ///< with chooseFile
    QStringList offers = {}; ///< what readAs() takes: families that the config resembles, best first, then llama_like
    QString details = {};    ///< more than fits beside the field
};

/// Gets models from the Hub, out of config.json files and out of weights files into the session, one undo step each. A
/// failure says why and changes nothing.
class ModelSource : public QObject
{
    Q_OBJECT

public:
    ModelSource(Session& session, HubAccess hub, QObject* parent = nullptr);
    ~ModelSource() override;

    const SourceStatus& status() const { return status_; }
    bool isRunning() const;

    /// Starts to fetch what people type or paste; an empty revision is the one in the text, or main.
    void fetch(const QString& text, const QString& revision, const QString& token);
    void cancel();
    /// Drops without a word what is being fetched or read, and what was said of the last one: another model takes its
    /// place.
    void supersede();
    /// Imports a config.json that was read from a file.
    void openConfig(const QByteArray& bytes, const QString& name, const QString& path);
    /// Starts to read the headers of a weights file, or of the one in a model folder.
    void openWeights(const QString& path);
    /// Starts to read the weights file that a scenario names (a reference to a path); `then` gets the model, later,
    /// unless the person cancels. A failure is said.
    void readWeights(const ModelReference& reference, const std::function<void(const LoadedModel&)>& then);
    /// Says what kept a file from being read.
    void fail(const QString& message);
    /// Imports what was refused for its model_type as a model of that family (or llama_like).
    void readAs(const QString& family);
    void openRecent(const RecentModel& model, const QString& token);
    /// What the form's picker hands out: "preset:NAME", "recent:INDEX" of `recents`, "custom" for the model as it
    /// stands to be edited. The error says why nothing changed; of a recent model it is said later, in status().
    Outcome choose(const QString& value, const QList<RecentModel>& recents, const QString& token);
    /// The model that a scenario names, as far as that needs no weights file and no connection: one of the Hub comes
    /// from the copy of an earlier fetch. The error says that it has to be fetched.
    Result<LoadedModel> loadedHere(const ModelReference& reference);

Q_SIGNALS:
    void statusChanged();
    /// A model came in: for the list of recent ones.
    void opened(const weighbridge::RecentModel& model);
    /// A model from a file is asked for again.
    void fileWanted(const QString& path);

private:
    HubModelFetch& client();
    Result<FetchedModel> kept(const ModelReference& reference);
    ModelReader& reader();
    void onFinished(const HubResult& result);
    void onProgress(const HubProgress& progress);
    void offerFiles(const HubResult& result);
    void takeFetched(const HubResult& result, const QString& readAs);
    void takeConfig(const QByteArray& bytes, const QString& name, const QString& path, const QString& readAs);
    void take(const LoadedModel& loaded, RecentModel::Kind kind, const QString& source);
    void readFile(const ModelReference& reference);
    void refuse(const QString& name, const Error& error, const QByteArray& config,
                std::function<void(const QString& family)> readAs);
    void offerFamilies(const QString& name, const QByteArray& config, const QString& message);
    void setStatus(SourceStatus::Kind kind, const QString& text,
                   SourceStatus::Action action = SourceStatus::Action::none);

    Session& session_;
    HubAccess hub_;
    HubModelFetch* client_ = nullptr;
    ModelReader* reader_ = nullptr;
    SourceStatus status_;
    std::function<void(const QString& family)> readAs_; ///< where that was offered
};

} // namespace weighbridge
