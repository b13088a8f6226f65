#include "ui/accuracy/accuracy_task.h"

#include <QThread>

namespace weighbridge {

namespace {

/// Runs between two signals: a bar that moves more often than the eye sees costs more than the estimates.
constexpr std::size_t runs_per_step = 8;

} // namespace

AccuracyTask::AccuracyTask(QObject* parent) : QObject(parent) {}

AccuracyTask::~AccuracyTask()
{
    stop();
    if (thread_)
        thread_->wait();
}

void AccuracyTask::start()
{
    if (thread_)
        return;
    stopped_ = false;
    thread_.reset(QThread::create([this] {
        const AccuracyPointer accuracy = measure_accuracy([this](std::size_t done, std::size_t all) {
            if (done % runs_per_step == 0)
                Q_EMIT progressed(static_cast<int>(done), static_cast<int>(all));
            return !stopped_;
        });
        QMetaObject::invokeMethod(
            this, [this, accuracy] { end(accuracy); }, Qt::QueuedConnection);
    }));
    thread_->start();
}

void AccuracyTask::stop()
{
    stopped_ = true;
}

void AccuracyTask::end(const AccuracyPointer& accuracy)
{
    thread_->wait();
    thread_.reset();
    Q_EMIT finished(stopped_ ? nullptr : accuracy);
}

} // namespace weighbridge
