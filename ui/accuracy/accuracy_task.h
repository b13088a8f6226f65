#pragma once

#include "core/accuracy/accuracy.h"

#include <QObject>

#include <atomic>
#include <memory>

class QThread;

namespace weighbridge {

/// Estimates every bundled run on a thread of its own, so that the window goes on answering.
class AccuracyTask : public QObject
{
    Q_OBJECT

public:
    explicit AccuracyTask(QObject* parent = nullptr);
    /// Stops and waits: a run takes milliseconds.
    ~AccuracyTask() override;

    void start();
    /// `finished` then comes with nothing.
    void stop();
    bool isRunning() const { return thread_ != nullptr; }

Q_SIGNALS:
    void progressed(int done, int all);
    /// Null where it was stopped.
    void finished(const weighbridge::AccuracyPointer& accuracy);

private:
    void end(const AccuracyPointer& accuracy);

    std::unique_ptr<QThread> thread_;
    std::atomic<bool> stopped_ = false;
};

} // namespace weighbridge
