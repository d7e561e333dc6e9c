#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "load/client.h"
#include "load/latencies.h"
#include "load/pace.h"
#include "load/person.h"

namespace crosspoint::load {

struct TextFigures {
    uint64_t sent = 0;
    uint64_t delivered = 0;     // to their receivers
    uint64_t lost = 0;          // not come to the receiver or not come back to the sender
    uint64_t duplicated = 0;    // come twice to one of them
    uint64_t out_of_order = 0;  // before or after one that was sent or stands later or earlier in the chain
    Latencies took;             // from the moment one was due until its receiver had it
};

/// Texts between the two of each pair, both ways by turns, in one chain for each pair; and whether every one comes to
/// both of them, once, and in the order of its chain (jsapi 5, CHN-5, SEQ-1).
class Texts {
public:
    /// `names` are the people's profiles, an even number of them.
    Texts(const std::vector<std::string>& names, Pace pace, Random& random);

    void handle_timeout(Timestamp now, std::vector<Ask>& out);
    Timestamp next_timeout() const { return stuck_ ? kNever : pace_.next(); }
    /// A `text.add_message` that came to `who`.
    void hear(Timestamp now, Person who, const json::object& body);
    /// All are sent, and every one has come to both.
    bool done() const { return pace_.over() && under_way_ == 0; }
    /// What has not come by now is lost.
    TextFigures figures() const;

private:
    /// One that not both have seen.
    struct UnderWay {
        Person sender = 0;
        uint64_t number = 0;  // of those of its sender, from 1
        Timestamp due;
        std::array<bool, 2> seen{};  // by the even one, by the odd one
    };
    struct Pair {
        std::string chain;             // empty until the first text has come back
        Person next = 0;               // who sends the next one
        std::array<uint64_t, 2> sent;  // by each
        std::vector<UnderWay> under_way;
        std::array<std::array<uint64_t, 2>, 2> heard;  // by each of each: the highest number
        std::array<int64_t, 2> position;               // by each: that of the text it heard last
    };
    Pair* next_pair();
    void send(Pair& pair, Timestamp due, std::vector<Ask>& out);
    void note_order(Pair& pair, Person who, Person sender, uint64_t number, const json::object& body);

    const std::vector<std::string>& names_;
    Pace pace_;
    Random& random_;
    std::vector<Pair> pairs_;
    size_t turn_ = 0;  // whose text was the last
    uint64_t under_way_ = 0;
    bool stuck_ = false;  // the next one is due, and every chain is still being opened
    TextFigures figures_;
};

}  // namespace crosspoint::load
