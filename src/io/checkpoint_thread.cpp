#include "io/checkpoint_thread.h"

#include <utility>

#include "store/database.h"

namespace crosspoint::io {

CheckpointThread::CheckpointThread(std::unique_ptr<store::Checkpointer> checkpointer,
                                   std::function<void(std::string)> on_failure)
    : checkpointer_(std::move(checkpointer)), on_failure_(std::move(on_failure)), thread_([this] { run(); }) {}

CheckpointThread::~CheckpointThread() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void CheckpointThread::request() {
    {
        const std::lock_guard lock(mutex_);
        requested_ = true;
    }
    wake_.notify_one();
}

bool CheckpointThread::take_finished() {
    const std::lock_guard lock(mutex_);
    return std::exchange(finished_, false);
}

void CheckpointThread::run() {
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || requested_; });
            if (stopping_) return;
            requested_ = false;
        }
        try {
            checkpointer_->run();
        } catch (const std::exception& failed) {
            on_failure_(failed.what());
            return;
        }
        const std::lock_guard lock(mutex_);
        finished_ = true;
    }
}

}  // namespace crosspoint::io
