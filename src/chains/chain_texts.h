#pragma once
#include <optional>
#include <vector>

#include "chains/messages.h"
#include "chains/people_records.h"

namespace crosspoint::chains {

struct ChainState;

/// A text that is being changed: the store is asked for it once, and changes that come meanwhile wait their turn.
struct TextWork {
    MessageId id{};
    uint64_t query = 0;
    std::vector<ChangeText> waiting{};
    bool operator==(const TextWork&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(self.id, Counter{self.query}, self.waiting); }
};

/// The text messages of one chain (jsapi 5): what a chain owner does with them. They live in the store alone.
class ChainTexts {
public:
    /// CHN-3, TXT-2; the sender's user owner answers its client.
    void post(const PostText& post, ChainState& chain, Now now, Effects& out);
    void change(const ChangeText& change, const ChainState& chain, Effects& out);
    void loaded(const RowsRead& read, Effects& out);

    bool idle() const { return work_.empty(); }
    bool operator==(const ChainTexts&) const = default;
    using HasFields = void;
    static void fields(auto& self, auto& archive) { archive(Counter{self.last_query_}, self.work_); }

private:
    std::vector<TextWork> work_;
    uint64_t last_query_ = 0;
};

}  // namespace crosspoint::chains
