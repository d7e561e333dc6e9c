#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "api/effects.h"

namespace crosspoint::io {

/// Compares passwords with their hashes, a tenth of a second each, one after the other.
class PasswordThread {
public:
    /// `on_result` is called on this object's thread, once for each `verify`.
    explicit PasswordThread(std::function<void(api::PasswordVerified)> on_result);
    /// What has not begun is abandoned without a result.
    ~PasswordThread();
    PasswordThread(const PasswordThread&) = delete;
    PasswordThread& operator=(const PasswordThread&) = delete;

    /// From any thread.
    void verify(api::VerifyPassword check);

private:
    void run();

    std::function<void(api::PasswordVerified)> on_result_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<api::VerifyPassword> waiting_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace crosspoint::io
