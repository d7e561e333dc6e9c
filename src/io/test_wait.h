#pragma once
#include <chrono>
#include <functional>
#include <thread>

// For tests only.
namespace crosspoint::io {

/// Whether `done` becomes true before a generous deadline. For what no event tells of; looks every millisecond.
inline bool happens(const std::function<bool()>& done) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done()) {
        if (std::chrono::steady_clock::now() > give_up) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

}  // namespace crosspoint::io
