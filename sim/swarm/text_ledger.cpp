#include "swarm/text_ledger.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "stories/people/calls.h"

namespace crosspoint::sim::swarm {

namespace json = boost::json;

const TextLedger::Text* TextLedger::by_id(const std::string& id) const {
    const auto words = ids_.find(id);
    return words == ids_.end() ? nullptr : &texts_.at(words->second);
}

void TextLedger::changed(const std::string& words, uint64_t version) {
    uint64_t& known = texts_.at(words).version;
    known = std::max(known, version);
}

void TextLedger::told(const std::string& device, const std::string& user, const std::string& type,
                      const json::object& body) {
    Memory& memory = devices_[device];
    const uint64_t useq = std::stoull(text_in(body, "useq"));
    EXPECT_GT(useq, memory.useq) << device << " was told out of order: " << json::serialize(body);
    memory.useq = useq;
    const std::string id = text_in(body, "id");
    Copy& copy = memory.copies[id];
    const auto version = body.at("version").to_number<uint64_t>();
    if (type == "text.add_message") {
        EXPECT_EQ(copy.version, 0u) << device << " was told twice of " << id;
        const auto pos = body.at("pos").to_number<uint64_t>();
        uint64_t& last = memory.positions[text_in(body, "chainId")];
        EXPECT_GT(pos, last) << device << " was told out of the chain's order: " << id;
        last = pos;
    } else {
        EXPECT_GT(version, copy.version) << device << " was told an older change of " << id;
        // What was removed while a device was away is no more in the log.
        EXPECT_TRUE(copy.version > 0 || type == "text.remove_message")
            << device << " was told a change of no text " << id;
    }
    copy = {version, type == "text.remove_message"};
    // The words of what was removed since are gone from the log, too.
    const json::value* content = body.if_contains("content");
    const std::string words = content ? text_in(content->as_object(), "text") : "";
    if (type == "text.add_message" && texts_.contains(words)) {
        texts_.at(words).id = id;
        texts_.at(words).chain = text_in(body, "chainId");
        ids_[id] = words;
    }
    const Text* known = by_id(id);
    if (!known) return;
    EXPECT_TRUE(known->users.contains(user)) << user << " was told of a text for others: " << id;
    EXPECT_TRUE(text_in(body, "localId").empty() || user == known->sender) << "a local id was told to others: " << id;
}

void TextLedger::take_acknowledgements() {
    for (auto& [words, one] : texts_) {
        if (!one.request || !one.request->settled) continue;
        if (one.request->ok) {
            one.id = text_in(one.request->result, "id");
            one.chain = text_in(one.request->result, "chainId");
            const bool same = ids_.emplace(one.id, words).first->second == words;
            EXPECT_TRUE(same) << "two texts under one id " << one.id;
        }
    }
}

void TextLedger::expect_everything(const std::string& device, const std::string& user) const {
    static const Memory nothing;
    const auto known = devices_.find(device);
    const Memory& memory = known == devices_.end() ? nothing : known->second;
    for (const auto& [words, one] : texts_) {
        if (!one.users.contains(user) || !one.request->ok) continue;
        const auto copy = memory.copies.find(one.id);
        if (copy == memory.copies.end()) {
            ADD_FAILURE() << device << " was never told of \"" << words << "\", " << one.id;
            continue;
        }
        EXPECT_GE(copy->second.version, one.version) << device << " missed a change of " << one.id;
    }
}

}  // namespace crosspoint::sim::swarm
