#pragma once
#include <boost/json/object.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "world.h"

namespace crosspoint::sim::swarm {

/// All texts that were written, and what each device was told of them: each text once, in order, to those alone whom
/// it names; what was acknowledged, to every one of them.
class TextLedger {
public:
    struct Text {
        std::string sender;             // a user
        std::set<std::string> users{};  // that see it, the sender's too
        std::string profile{};          // that sent it
        std::vector<std::string> receivers{};
        Request request;      // what became of it
        std::string chain{};  // once it is known
        std::string id{};
        uint64_t version = 1;  // that was acknowledged
    };

    /// Every text has words of its own.
    std::string new_words() { return "text " + std::to_string(texts_.size() + 1); }
    void wrote(const std::string& words, Text text) { texts_.emplace(words, std::move(text)); }
    const std::map<std::string, Text>& texts() const { return texts_; }
    /// An edit or removal of it was acknowledged.
    void changed(const std::string& words, uint64_t version);

    /// A frame about a text came to a device of this user.
    void told(const std::string& device, const std::string& user, const std::string& type,
              const boost::json::object& body);
    /// What became of requests meanwhile.
    void take_acknowledgements();
    /// Nothing is under way any more: whether this device was told of all that it has to know.
    void expect_everything(const std::string& device, const std::string& user) const;

private:
    struct Copy {
        uint64_t version = 0;
        bool removed = false;
    };
    struct Memory {
        uint64_t useq = 0;
        std::map<std::string, uint64_t> positions;  // by chain
        std::map<std::string, Copy> copies;         // by id
    };

    const Text* by_id(const std::string& id) const;

    std::map<std::string, Text> texts_;       // by their words
    std::map<std::string, std::string> ids_;  // words, by id
    std::map<std::string, Memory> devices_;
};

}  // namespace crosspoint::sim::swarm
