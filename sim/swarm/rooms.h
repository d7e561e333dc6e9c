#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "swarm/crowd.h"

namespace crosspoint::sim::swarm {

/// Sessions, and participants with browsers in them, whom an app moves about by the REST API. Nobody may hear anybody
/// whom the app's last answered request did not give them, nor what a publisher has no permission for.
class Rooms final : public Crowd {
public:
    Rooms(World& world, const Plan& plan);

    std::vector<Deed> deeds() override;
    void watch() override;
    void mend() override;
    void settle() override;

private:
    /// Whom a participant shall hear.
    struct Wish {
        std::string session{};  // empty: it is in none
        bool everybody = false;
        std::vector<std::string> whom{};
    };
    struct Guest {
        Browser* browser = nullptr;
        ParticipantOptions options{};
        std::string stream{};                              // that it publishes; empty: none
        bool gone = false;                                 // deleted, or switched off for good
        std::optional<Wish> wish = Wish{};                 // that is in force; nothing: one of several
        bool asked = false;                                // a request is under way
        uint64_t changes = 0;                              // counts what became of `wish`
        std::map<const Browser*, Timestamp> might_hear{};  // when it last might have been sent something of them
    };

    void add_guest(const ParticipantOptions& options, Browser& browser);
    bool may_hear(const Guest& who, const Guest& whom) const;
    void mark();
    Guest* somebody(Random& dice);
    std::string some_room(Random& dice);
    Wish some_wish(Random& dice, const std::string& room);
    static boost::json::object body_of(const Wish& wish);
    std::string path(const Guest& guest, const std::string& room) const;
    void ask(Guest& guest, std::string_view method, const std::string& path, const boost::json::value& body,
             std::optional<Wish> then);
    static ParticipantOptions some_options(Random& dice);

    std::string subscribes(Random& dice);
    std::string moves(Random& dice);
    std::string deletes_room(Random& dice);
    std::string makes_room();
    std::string makes_guest(Random& dice);
    std::string deletes_guest(Random& dice);
    std::string changes_stream(Random& dice);
    std::string changes_path(Random& dice);
    std::string changes_signalling(Random& dice);

    bool as_wished() const;
    void load_again(Guest& guest);

    World& world_;
    std::vector<std::string> rooms_;
    std::vector<std::string> deleted_;  // perhaps: not every request is answered
    std::vector<std::unique_ptr<Guest>> guests_;
};

}  // namespace crosspoint::sim::swarm
