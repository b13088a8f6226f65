#pragma once

#include "core/files/read_watch.h"
#include "ui/session/loaded_model.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>

class QThread;

namespace weighbridge {

/// Reads the headers of weights files on a thread of its own, one model at a time: a disk may be slow, a header long.
class ModelReader : public QObject
{
    Q_OBJECT

public:
    using Answer = std::function<void(const Result<LoadedModel>&)>;

    explicit ModelReader(QObject* parent = nullptr);
    /// Ends what is still running. A disk that does not answer is not waited for.
    ~ModelReader() override;

    bool isRunning() const { return job_ != nullptr; }

    /// Starts to read the model at the path `reference.text`, in place of one that is still being read. `answer` is
    /// called once, later, on this thread; not at all after cancel() or another read().
    void read(const ModelReference& reference, Answer answer);
    void cancel();

Q_SIGNALS:
    /// A few times a second, while there is something new.
    void progress(const weighbridge::ReadProgress& progress);

private:
    struct Job;

    void onFinished(const std::shared_ptr<Job>& job);
    void poll();

    std::shared_ptr<Job> job_; ///< null when none is running
    QTimer poll_;
};

} // namespace weighbridge
