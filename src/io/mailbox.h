#pragma once
#include <mutex>
#include <vector>

namespace crosspoint::io {

/// Messages from any thread to one. The receiver takes all that has come at once; the two vectors trade places, so that
/// neither side allocates once both have grown.
template <class Message>
class Mailbox {
public:
    /// True when the box was empty: the receiver must be woken.
    bool put(Message message) {
        const std::lock_guard lock(mutex_);
        messages_.push_back(std::move(message));
        return messages_.size() == 1;
    }
    /// Replaces `out` by what has come since the last call.
    void take(std::vector<Message>& out) {
        out.clear();
        const std::lock_guard lock(mutex_);
        out.swap(messages_);
    }

private:
    std::mutex mutex_;
    std::vector<Message> messages_;
};

}  // namespace crosspoint::io
