#include "swarm/call_ledger.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "stories/people/calls.h"

namespace crosspoint::sim::swarm {

namespace json = boost::json;

void CallLedger::told(const std::string& device, const std::string& user, const std::string& type,
                      const json::object& body) {
    const std::string call = text_in(body, "callId");
    Memory& memory = devices_[device];
    const auto rev = body.at("rev").to_number<uint64_t>();
    const auto prev = body.at("prev").to_number<uint64_t>();
    const auto last = memory.revisions.find(call);
    // SEQ-4. Every message of a call begins with one that holds the whole state, save for those who are told its end
    // alone.
    if (prev != 0) {
        EXPECT_TRUE(last != memory.revisions.end() && last->second == prev)
            << device << " was told of call " << call << " with a gap: " << type << " " << json::serialize(body);
        EXPECT_GT(rev, prev) << device << " " << type << " of call " << call;
    }
    uint64_t& highest = memory.highest[call];
    EXPECT_GE(rev, highest) << device << " was told an older " << type << " of call " << call;
    highest = std::max(highest, rev);
    memory.revisions[call] = rev;
    told_change(device + " of " + user, call, type, body);
}

void CallLedger::told_change(const std::string& device, const std::string& call, const std::string& type,
                             const json::object& body) {
    if (type == "call.end") {
        const auto [known, is_new] = ends_.emplace(call, text_in(body, "endReason"));
        EXPECT_EQ(known->second, text_in(body, "endReason")) << "call " << call << " ended twice";
    }
    if (type == "call.accept") joined_[call].insert(text_in(body, "profileId"));
    if (type == "call.media") {
        const auto [known, is_new] = secrets_.emplace(text_in(body, "deviceToken"), device);
        EXPECT_EQ(known->second, device) << "two devices were given one token, of call " << call;  // MED-2
    }
}

void CallLedger::expect_no_change_of_mind(const chains::Call& live) const {
    const auto ended = ends_.find(live.id.value);
    if (ended != ends_.end()) {
        ADD_FAILURE() << "call " << live.id.value << " lives, and was told to have ended: " << ended->second;
    }
    for (const std::string& profile : answered_by(live.id.value)) {
        const chains::Participant* participant = live.participant(chains::ProfileId(profile));
        EXPECT_TRUE(participant && participant->ever_in)
            << profile << " answered call " << live.id.value << ", and the server does not know";
    }
}

const std::set<std::string>& CallLedger::answered_by(const std::string& call) const {
    static const std::set<std::string> nobody;
    const auto found = joined_.find(call);
    return found == joined_.end() ? nobody : found->second;
}

}  // namespace crosspoint::sim::swarm
