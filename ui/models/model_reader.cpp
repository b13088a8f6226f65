#include "ui/models/model_reader.h"

#include <QThread>

#include <atomic>
#include <chrono>
#include <utility>

namespace weighbridge {

namespace {

constexpr std::chrono::milliseconds pollEvery{100};
/// What a read that is under way may take to notice that nobody waits for it any more.
constexpr unsigned long patienceMilliseconds = 2000;

} // namespace

/// Shared with the thread: it may outlive the reader, where a disk does not answer.
struct ModelReader::Job
{
    ModelReference reference;
    Answer answer;
    Result<LoadedModel> result = Error{}; ///< written by the thread before it ends, read after
    std::atomic<bool> givenUp = false;
    std::atomic<std::uint64_t> bytes = 0;
    std::atomic<int> files = 0;
    std::atomic<int> of = 1;
    QThread* thread = nullptr;

    void run()
    {
        const auto watch = [this](const ReadProgress& progress) {
            bytes = progress.bytes;
            files = progress.files;
            of = progress.of;
            return !givenUp;
        };
        result = load_model(reference, {}, watch);
    }
};

ModelReader::ModelReader(QObject* parent) : QObject(parent)
{
    poll_.setInterval(pollEvery);
    connect(&poll_, &QTimer::timeout, this, &ModelReader::poll);
}

ModelReader::~ModelReader()
{
    if (!job_)
        return;
    job_->givenUp = true;
    job_->thread->wait(patienceMilliseconds);
}

void ModelReader::read(const ModelReference& reference, Answer answer)
{
    cancel();
    job_ = std::make_shared<Job>();
    job_->reference = reference;
    job_->answer = std::move(answer);
    job_->thread = QThread::create([job = job_] { job->run(); });
    connect(job_->thread, &QThread::finished, job_->thread, &QObject::deleteLater);
    connect(job_->thread, &QThread::finished, this, [this, job = job_] { onFinished(job); });
    job_->thread->start();
    poll_.start();
}

void ModelReader::cancel()
{
    if (!job_)
        return;
    job_->givenUp = true;
    job_.reset();
    poll_.stop();
}

void ModelReader::onFinished(const std::shared_ptr<Job>& job)
{
    if (job != job_)
        return; // given up
    job_.reset();
    poll_.stop();
    job->answer(job->result); // last: it may start the next
}

void ModelReader::poll()
{
    Q_EMIT progress({.bytes = job_->bytes, .files = job_->files, .of = job_->of});
}

} // namespace weighbridge
