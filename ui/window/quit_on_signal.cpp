#include "ui/window/quit_on_signal.h"

#include <QCoreApplication>
#include <QSocketNotifier>

#include <csignal>

#include <sys/signalfd.h>
#include <unistd.h>

namespace weighbridge {

namespace {

sigset_t endingSignals()
{
    sigset_t set = {};
    ::sigemptyset(&set);
    for (const int signal : {SIGHUP, SIGINT, SIGTERM})
        ::sigaddset(&set, signal);
    return set;
}

} // namespace

QuitOnSignal::QuitOnSignal(QObject* parent) : QObject(parent)
{
    // A descriptor instead of a handler: a handler could only write into something global.
    const sigset_t set = endingSignals();
    descriptor_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (descriptor_ < 0)
        return;
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

QuitOnSignal::~QuitOnSignal()
{
    if (descriptor_ < 0)
        return;
    const sigset_t set = endingSignals();
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    ::close(descriptor_);
}

void QuitOnSignal::watch()
{
    if (descriptor_ < 0)
        return;
    auto* notifier = new QSocketNotifier(descriptor_, QSocketNotifier::Read, this);
    connect(notifier, &QSocketNotifier::activated, this, &QuitOnSignal::onSignal);
}

void QuitOnSignal::onSignal() const
{
    signalfd_siginfo info = {};
    if (::read(descriptor_, &info, sizeof info) > 0)
        QCoreApplication::quit();
}

} // namespace weighbridge
