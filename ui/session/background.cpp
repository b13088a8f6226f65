#include "ui/session/background.h"

#include <QThread>

#include <utility>

namespace weighbridge {

Background::Background(QObject* parent) : QObject(parent) {}

Background::~Background()
{
    stopped_ = true;
    if (thread_)
        thread_->wait();
}

void Background::ask(Work work)
{
    stop();
    next_ = std::move(work);
    if (!thread_)
        start();
}

void Background::stop()
{
    stopped_ = true;
    next_ = nullptr;
    ++number_;
}

void Background::start()
{
    stopped_ = false;
    thread_.reset(QThread::create([this, work = std::exchange(next_, nullptr), number = number_] {
        int shown = -1;
        const Show show = work([&](std::size_t done, std::size_t all) {
            // A bar that moves more often than the eye sees costs more than the work.
            const int percent = all > 0 ? static_cast<int>(100 * done / all) : 0;
            if (percent != std::exchange(shown, percent))
                Q_EMIT progressed(static_cast<int>(done), static_cast<int>(all));
            return !stopped_;
        });
        QMetaObject::invokeMethod(
            this, [this, show, number] { end(show, number); }, Qt::QueuedConnection);
    }));
    thread_->start(QThread::LowPriority);
}

void Background::end(const Show& show, int number)
{
    thread_->wait();
    thread_.reset();
    if (next_) {
        start();
        return;
    }
    if (show && number == number_)
        show();
}

} // namespace weighbridge
