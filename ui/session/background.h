#pragma once

#include <QObject>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>

class QThread;

namespace weighbridge {

/// Works on a thread of its own on what takes longer than a key press may. Of several questions the newest counts: an
/// older one is given up, and what it found is not handed over.
class Background : public QObject
{
    Q_OBJECT

public:
    /// Runs in the window's thread and shows what was found.
    using Show = std::function<void()>;
    /// Tells how far the work is; false: nobody wants it any more.
    using Progress = std::function<bool(std::size_t done, std::size_t all)>;
    /// Runs on the thread; reads nothing that the window changes.
    using Work = std::function<Show(const Progress&)>;

    explicit Background(QObject* parent = nullptr);
    /// Gives up and waits: between two looks at the progress lie milliseconds.
    ~Background() override;

    void ask(Work work);
    /// Gives up what is asked.
    void stop();
    bool isRunning() const { return thread_ != nullptr; }

Q_SIGNALS:
    void progressed(int done, int all);

private:
    void start();
    void end(const Show& show, int number);

    std::unique_ptr<QThread> thread_;
    Work next_;
    std::atomic<bool> stopped_ = false;
    int number_ = 0; ///< of the newest question
};

} // namespace weighbridge
