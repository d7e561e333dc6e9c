#pragma once
#include <functional>
#include <memory>

#include "base/time.h"

namespace crosspoint::io {

/// Both clocks of the machine, read together.
Now read_clock();

/// The control thread's loop. Everything but `post` and `stop` is for the thread that runs it.
class EventLoop {
public:
    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// Runs until `stop`.
    void run();
    /// From any thread.
    void stop();
    /// Runs `work` on the loop's thread, soon; from any thread, in the order of one thread's calls.
    void post(std::function<void()> work);
    /// Calls `handler` at `when`, replacing the wake-up that was set before. `kNever` sets none.
    void wake_at(Timestamp when, std::function<void()> handler);
    /// Calls `handler` once, `wait` from now; independent of everything else.
    void call_after(Duration wait, std::function<void()> handler);
    /// Calls `handler` for each SIGTERM and SIGINT.
    void on_terminate(std::function<void()> handler);

    /// Boost.Asio's io_context, for the files of this folder that drive sockets on it.
    void* native();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace crosspoint::io
