#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chains/canonical.h"
#include "chains/values.h"

// Text messages as plain values (jsapi 5).
namespace crosspoint::chains {

/// A text message as its chain keeps it.
struct Text {
    MessageId id{};
    ChainId chain{};
    uint64_t pos = 0;  // CHN-5
    ProfileId sender{};
    std::vector<ProfileId> receivers{};
    ConnectionId connection{};  // that sent it
    std::string local_id{};     // told to the sender's user only
    std::string text{};         // empty when removed
    uint64_t version = 1;
    WallTime ts{};  // of its creation
    bool removed = false;

    bool operator==(const Text&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) {
        archive(self.id, self.chain, Counter{self.pos}, self.sender, self.receivers, self.connection, self.local_id,
                self.text, self.version, self.ts, self.removed);
    }
};

/// A text as one user sees it: `receiver` is the own profile that it concerns, and the `local_id` of others is empty.
struct TextView {
    Text text{};
    ProfileId receiver{};
    bool operator==(const TextView&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.text, self.receiver); }
};

}  // namespace crosspoint::chains
