#pragma once

#include "ui/hub/hub_client.h"
#include "ui/hub/hub_header.h"
#include "ui/hub/hub_repository.h"

#include <vector>

namespace weighbridge {

/// How far a fetch has come.
struct HubProgress
{
    QString what; ///< the file under way
    qint64 received = 0;
    qint64 total = -1; ///< -1 when the server does not say
    int files = 0;     ///< finished
    int of = 1;        ///< how many there are
};

/// Fetches what a model's estimate needs from the Hugging Face Hub, one model at a time: the config.json, and of its
/// weights the headers, which tell size and type of every tensor; or of a repository of GGUF files the header of the
/// one that was named. Never the weights: headers come by ranged requests, and no more than the limits below.
///
/// Every fetch() is answered by one `finished`, never from inside the call; one that a newer fetch replaces by
/// `Cancelled`, while the newer one starts. Where the weights' headers can't be had, the config.json alone is `Ok`, and
/// `weightsNote` says why. What came is kept for use without a network, as HubClient keeps a config.json.
class HubModelFetch : public QObject
{
    Q_OBJECT

public:
    static constexpr qint64 mostListBytes = 8'388'608;
    /// Of model.safetensors.index.json, and of the headers of all its shards together. Where a model has more (tens of
    /// thousands of tensors), the counts of the Hub's metadata have to do.
    static constexpr qint64 mostIndexBytes = 1'048'576;
    static constexpr qint64 mostSafetensorsBytes = 2'097'152;
    /// Of all parts of a GGUF file together. The header holds the vocabulary: 8 MB for 128,256 tokens with merges.
    static constexpr qint64 mostGgufBytes = 33'554'432;
    static constexpr qsizetype atOnce = 4; ///< files
    static constexpr std::chrono::milliseconds defaultPatience{900'000};

    /// As HubClient.
    HubModelFetch(QNetworkAccessManager& manager, const QUrl& baseUrl, const QString& cacheDirectory,
                  QObject* parent = nullptr);
    ~HubModelFetch() override;

    void setIdleTimeout(std::chrono::milliseconds timeout);
    /// What a fetch with all its requests may take in all.
    void setPatience(std::chrono::milliseconds patience) { deadline_.setInterval(patience); }

    /// Why nothing would be sent for these, or Ok.
    [[nodiscard]] HubVerdict refusal(const HubReference& reference, const QByteArray& token) const
    {
        return client_.refusal(reference, token);
    }
    void setTlsConfiguration(const QSslConfiguration& configuration);

    [[nodiscard]] bool isRunning() const { return run_.has_value(); }
    void fetch(const HubReference& reference, const QByteArray& token = {});
    /// Ends a running fetch with `Cancelled`, before it returns.
    void cancel();
    /// The kept copy of an earlier fetch, without asking the Hub.
    [[nodiscard]] std::optional<HubResult> kept(const HubReference& reference) const;

Q_SIGNALS:
    void progress(const weighbridge::HubProgress& progress);
    void finished(const weighbridge::HubResult& result);

private:
    struct Run
    {
        HubReference reference;
        QByteArray token;
        HubResult config; ///< what came of the config.json
        HubRepository repository;
        QByteArray index;
        QList<HubHeader::Task> tasks;
        std::vector<FetchedFile> files; ///< one for each task
        qsizetype started = 0;
        int done = 0;
        qint64 received = 0;
    };

    void onConfig(const HubResult& result);
    void onDelivered(const HubDelivery& delivery);
    void askForList();
    void onList(const HubDelivery& delivery);
    void chooseGguf(const QList<GgufChoice>& choices);
    void chooseSafetensors();
    void onIndex(const HubDelivery& delivery);
    void startHeaders(const QList<HubHeader::Task>& tasks, qint64 budget);
    void startNextHeader();
    void onHeader(HubHeader& header, qsizetype place, const HubVerdict& verdict);
    void tellProgress(const QString& what);

    [[nodiscard]] HubVerdict verdictOf(const HubDelivery& delivery) const;
    [[nodiscard]] HubResult failure(const HubVerdict& verdict) const;
    void onDeadline();
    void stop();
    void endByRule(const QString& note);
    void endWithHeaders();
    void endWithFailure(const HubVerdict& verdict);
    void end(const HubResult& result);

    QNetworkAccessManager& manager_;
    QUrl baseUrl_;
    HubCache cache_;
    HubClient client_;
    HubTransfer transfer_; ///< the list, then the index
    std::chrono::milliseconds idleTimeout_ = HubTransfer::defaultIdleTimeout;
    std::optional<QSslConfiguration> tls_;
    HubBudget budget_;
    QTimer deadline_; ///< of the run
    std::vector<HubHeader*> headers_;
    bool replacing_ = false;
    std::optional<Run> run_;
};

} // namespace weighbridge
