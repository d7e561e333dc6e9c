#pragma once
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "chains/chain_owner.h"
#include "chains/user_owner.h"

// Two people who call each other: their user owners and the owners of both calls, with FIFO channels between any two of
// them and no order between channels (jsapi 10.5, 16). Devices do what SLOT-1 lets them.
namespace crosspoint::explore {

struct CrossingBounds {
    std::string name{};
    int devices = 1;       // of each person
    bool decides = false;  // calls are also answered, rejected and hung up by hand
    bool drops = false;    // a device of each loses its transport and comes back
    bool timers = false;   // phones ring and stop ringing
    size_t deeds = 2;      // at most, besides opening
};

/// What goes wrong on purpose: true when the message shall not arrive as it was sent. It may change it instead.
using Damage = std::function<bool(const std::string& from, chains::Send& send)>;

class CrossingWorld {
public:
    enum class Act : uint8_t { Open, Accept, Reject, HangUp, Ring, Drop, Return };
    struct Deed {
        Act act = Act::Open;
        size_t person = 0;
        int device = 1;
        size_t call = 0;
        bool operator==(const Deed&) const = default;
    };
    using Channel = std::pair<std::string, std::string>;  // from, to
    struct Delivery {
        Channel channel;
    };
    using Step = std::variant<Deed, Delivery, chains::ArmedTimer>;

    CrossingWorld(const CrossingBounds& bounds, const chains::Settings& settings, const chains::ProfileBook& book,
                  const Damage* damage = nullptr);

    std::vector<Step> steps() const;
    std::string describe(const Step& step) const;
    std::optional<std::string> take(const Step& step, const CrossingWorld& before);
    std::optional<std::string> check() const;
    std::string key() const;
    bool final() const { return false; }
    bool unsettled() const;
    bool is_timer(const Step& step) const { return !std::holds_alternative<Deed>(step); }
    /// Good for a world and the one after a step: a step that changes only messages changes how many there are in some
    /// channel.
    bool operator==(const CrossingWorld& other) const {
        return done_ == other.done_ && on_their_way() == other.on_their_way() && users_ == other.users_ &&
               chains_ == other.chains_;
    }

private:
    using Message = std::variant<chains::UserMessage, chains::ChainMessage>;

    void send(const std::string& from, chains::Effects& out);
    void put(const std::string& from, const std::string& to, Message message);
    void deliver(const Channel& channel);
    void do_deed(const Deed& deed);
    void tell_device(const chains::ToConnection& send);
    bool may(const Deed& deed) const;
    bool busy(size_t person, int device, size_t except) const;
    const chains::Call* call(size_t number) const;
    bool pure() const;
    std::map<Channel, size_t> on_their_way() const;
    std::optional<std::string> check_quiet() const;

    const CrossingBounds* bounds_;
    const Damage* damage_;
    std::vector<chains::UserOwner> users_;
    std::vector<chains::ChainOwner> chains_;
    std::map<Channel, std::deque<Message>> channels_;
    std::vector<Deed> done_;
    std::map<std::string, int> replies_;  // by device
    std::map<std::string, bool> knows_;   // device and call: it has been told of the call
    int missed_ = 0;
    bool waited_ = false;  // a timer has fired
    std::optional<std::string> broken_;
};

}  // namespace crosspoint::explore
