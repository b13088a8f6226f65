#pragma once

#include <QObject>

namespace weighbridge {

/// While it lives, the signals that ask a program to end (SIGHUP, SIGINT, SIGTERM) end the event loop, so that what is
/// pending is saved. To be made before any thread is, and so before QApplication.
class QuitOnSignal : public QObject
{
    Q_OBJECT

public:
    explicit QuitOnSignal(QObject* parent = nullptr);
    ~QuitOnSignal() override;

    /// Once there is an event loop.
    void watch();

private:
    void onSignal() const;

    int descriptor_ = -1;
};

} // namespace weighbridge
