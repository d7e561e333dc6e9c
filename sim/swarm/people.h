#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "swarm/call_ledger.h"
#include "swarm/crowd.h"
#include "swarm/text_ledger.h"

namespace crosspoint::sim::swarm {

/// Users with their devices, who call and write to each other.
class People final : public Crowd {
public:
    People(World& world, const Plan& plan);

    std::vector<Deed> deeds() override;
    void watch() override;
    void mend() override;
    void settle() override;

private:
    struct User {
        std::vector<Person> profiles;     // the first is what it calls and writes from
        std::set<std::string> refuses{};  // profiles whose calls and texts it does not get
        std::vector<size_t> devices{};    // places in `devices_`
        bool was_revoked = false;         // it may have missed texts
        bool read = false;                // its history was
    };
    struct Phone {
        Device* device = nullptr;
        size_t user = 0;
        bool used = false;  // has ever connected
        bool over = false;  // it was switched off, or told goodbye
        size_t frames = 0;  // that were looked at
    };
    /// A device, and a call that it shows as alive.
    struct Place {
        Phone* phone = nullptr;
        CallPicture* call = nullptr;
        explicit operator bool() const { return call != nullptr; }
    };
    using Which = bool (*)(const Device& device, const CallPicture& call);

    void make_users(const Plan& plan);
    void make_device(size_t user, bool connects);

    // people_calls.cpp
    void add_calls(std::vector<Deed>& deeds);
    void add_control(std::vector<Deed>& deeds);
    std::string opens(Random& dice);
    std::string opens(Phone& phone, const std::vector<std::string>& to, Random& dice);
    std::string decides(Random& dice);
    std::string hangs_up(Random& dice);
    std::string does_anything(Random& dice);
    std::string cross(Random& dice);
    std::string all_at_once(Random& dice);
    std::string controls(Random& dice);
    std::string takes_over(Random& dice);
    Request act(Phone& phone, const CallPicture& call, Random& dice);
    Request control(Phone& phone, const CallPicture& call, Random& dice);
    Request decide(Phone& phone, const CallPicture& call, Random& dice);
    Media some_media(Random& dice) const;

    // people_deeds.cpp
    void add_texts(std::vector<Deed>& deeds);
    void add_network(std::vector<Deed>& deeds);
    void add_app(std::vector<Deed>& deeds);
    void add_hostile(std::vector<Deed>& deeds);
    std::string writes(Random& dice);
    void write(Phone& phone, Random& dice);
    std::string changes_text(Random& dice);
    std::string reads(Random& dice);
    std::string network_fails(Random& dice);
    std::string page_goes(Random& dice);
    std::string device_comes(Random& dice);
    std::string media_fails(Random& dice);
    std::string terminates(Random& dice);
    std::string revokes(Random& dice);
    std::string sets_profile(Random& dice);
    std::string says_nonsense(Random& dice);
    std::string floods(Random& dice);
    std::string meddles(Random& dice);
    std::string publishes_too_much(Random& dice);

    // people_checks.cpp
    void look_at_frames(Phone& phone);
    void watch_media();
    void watch_media(const std::string& id, const Device& receiver, const Device& publisher);
    void expect_audible();
    void everybody_leaves();
    void expect_history();
    std::vector<boost::json::object> history_of(const Phone& phone, const std::string& chain);

    Phone* somebody(Random& dice);
    Place some_place(Random& dice, Which which);
    std::vector<std::string> some_profiles(Random& dice, size_t not_of, size_t count);
    size_t user_of(const std::string& profile) const;
    std::string some_chain(Random& dice, const Phone& phone);
    const chains::Call* on_server(const std::string& call) const;
    bool takes_part(const std::string& call, size_t user) const;
    /// Whether anything can be said about it at the end.
    static bool there(const Phone& phone) { return phone.used && !phone.over; }

    World& world_;
    std::vector<User> users_;
    std::vector<std::unique_ptr<Phone>> devices_;
    TextLedger texts_;
    CallLedger calls_;

    struct Silence {
        uint64_t revision = 0;  // of the call that has forbidden it
        Timestamp since{};
    };
    std::map<std::string, Silence> silences_;  // who may not hear whom, by both and the kind
};

}  // namespace crosspoint::sim::swarm
