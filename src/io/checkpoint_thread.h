#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace crosspoint::store {
class Checkpointer;
}

namespace crosspoint::io {

/// The thread that moves what was committed into the main file of the database, while the store thread commits on.
class CheckpointThread {
public:
    /// `on_failure(why)` is called on this object's thread, which has ended then.
    CheckpointThread(std::unique_ptr<store::Checkpointer> checkpointer, std::function<void(std::string)> on_failure);
    ~CheckpointThread();
    CheckpointThread(const CheckpointThread&) = delete;
    CheckpointThread& operator=(const CheckpointThread&) = delete;

    /// Moves what has been committed by now, after what it is doing. From any thread.
    void request();
    /// True once for each request that was carried out. From any thread.
    bool take_finished();

private:
    void run();

    std::unique_ptr<store::Checkpointer> checkpointer_;
    std::function<void(std::string)> on_failure_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool requested_ = false;
    bool finished_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace crosspoint::io
