#include "io/password_thread.h"

#include "crypto/password.h"

namespace crosspoint::io {

PasswordThread::PasswordThread(std::function<void(api::PasswordVerified)> on_result)
    : on_result_(std::move(on_result)), thread_([this] { run(); }) {}

PasswordThread::~PasswordThread() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void PasswordThread::verify(api::VerifyPassword check) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(check));
    }
    wake_.notify_one();
}

void PasswordThread::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) return;
        const api::VerifyPassword check = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        on_result_({check.check, crypto::verify_password(check.password, check.stored_hash)});
        lock.lock();
    }
}

}  // namespace crosspoint::io
