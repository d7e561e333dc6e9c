#pragma once
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/time.h"

// Which of thousands of machines wants to be woken next, without asking them all.
namespace crosspoint {

/// One deadline per key. Setting it again moves it; `kNever` removes it. Keys due at the same time come out in key
/// order, so that a simulation takes the same turn every time.
template <class Key>
class DeadlineQueue {
public:
    void set(const Key& key, Timestamp when) {
        const auto known = when_.find(key);
        if (known != when_.end()) {
            if (known->second == when) return;
            order_.erase({known->second, key});
            if (when == kNever) {
                when_.erase(known);
                return;
            }
            known->second = when;
        } else {
            if (when == kNever) return;
            when_.emplace(key, when);
        }
        order_.emplace(when, key);
    }
    void remove(const Key& key) { set(key, kNever); }

    Timestamp next() const { return order_.empty() ? kNever : order_.begin()->first; }

    /// Takes out one key whose deadline is at or before `now`.
    std::optional<Key> pop_due(Timestamp now) {
        if (order_.empty() || order_.begin()->first > now) return std::nullopt;
        Key key = order_.begin()->second;
        order_.erase(order_.begin());
        when_.erase(key);
        return key;
    }

    size_t size() const { return order_.size(); }

private:
    std::set<std::pair<Timestamp, Key>> order_;
    std::unordered_map<Key, Timestamp> when_;
};

}  // namespace crosspoint
