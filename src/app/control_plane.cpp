#include "app/control_plane.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace crosspoint::app {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    from.clear();
}

std::string_view event_name(api::device::Presence presence) {
    switch (presence) {
        case api::device::Presence::Connected: return "onConnect";
        case api::device::Presence::Disconnected: return "onDisconnect";
        case api::device::Presence::Left: return "onLeave";
    }
    return "";
}

/// The body of spec 1.5. The time is a string of digits, as the hosted service sent it.
std::string callback_body(const api::device::PresenceChanged& change, WallTime now) {
    boost::json::object body{{"event", event_name(change.presence)},
                             {"timestamp", std::to_string(now.unix_milliseconds)},
                             {"participantId", change.participant.value},
                             {"deviceId", change.device_id}};
    if (change.tag) body["tag"] = *change.tag;
    return boost::json::serialize(body);
}

}  // namespace

ControlPlane::ControlPlane(ControlPlaneSettings settings, Random& random)
    : directory_(random, settings.sessions),
      auth_(settings.accounts, random),
      routes_(directory_, auth_, random, settings.rest),
      devices_(directory_, std::move(settings.devices), random),
      callbacks_(std::move(settings.callbacks)) {
    for (const api::Account& account : settings.accounts) accounts_.push_back(account.id);
    if (settings.demo) demo_.emplace(routes_, std::move(*settings.demo));
}

void ControlPlane::restore(const StoredState& stored, Now now, Output& out) {
    Turn turn{now, {}, {}, {}};
    directory_.restore(stored.directory, now);
    for (const AccountId& account : accounts_) directory_.add_account(account, turn.changes);
    devices_.restore(turn.devices(), stored.devices);
    // Only now: whose time ran out meanwhile leaves like anybody else, and its application hears of it.
    directory_.handle_timeout(now, turn.changes);
    callbacks_.restore(stored.callbacks, now, turn.effects);
    if (demo_) demo_->restore(stored.demo_rooms);
    deliver_messages(turn);
    finish(turn, out);
}

void ControlPlane::handle(Input input, Now now, Output& out) {
    Turn turn{now, {}, {}, {}};
    const Overloaded dispatch{
        [&](api::HttpRequest& request) {
            if (demo_ && api::Demo::serves(request.target))
                demo_->handle(request, now, turn.effects, turn.changes);
            else
                routes_.handle(request, now, turn.effects, turn.changes);
        },
        [&](SocketOpened& opened) { devices_.socket_opened(turn.devices(), opened.socket, opened.request); },
        [&](SocketText& text) { devices_.socket_text(turn.devices(), text.socket, text.text); },
        [&](SocketClosed& closed) { devices_.socket_closed(turn.devices(), closed.socket); },
        [&](sfu::Event& event) { devices_.link_event(turn.devices(), event); },
        [&](api::WebhookResult& result) { callbacks_.finished(result, now, turn.effects); },
        [&](api::PasswordVerified& result) { routes_.password_verified(result, now, turn.effects, turn.changes); },
        [&](CommitDurable& durable) { release(durable.number, out); },
        [&](Stopping&) { devices_.stopping(turn.devices()); },
    };
    std::visit(dispatch, input);
    deliver_messages(turn);
    finish(turn, out);
}

std::optional<api::HttpResponse> ControlPlane::refuse_socket(const api::HttpRequest& request, Now now) {
    if (!devices_.turns_away(now, request)) return std::nullopt;
    return api::HttpResponse{429,
                             {{"Content-Type", "application/json"}, {"Retry-After", "60"}},
                             R"({"error":"too many sockets without a valid token"})"};
}

void ControlPlane::handle_timeout(Now now, Output& out) {
    Turn turn{now, {}, {}, {}};
    directory_.handle_timeout(now, turn.changes);
    devices_.handle_timeout(turn.devices());
    callbacks_.handle_timeout(now, turn.effects);
    deliver_messages(turn);
    finish(turn, out);
}

Timestamp ControlPlane::next_timeout() const {
    return std::min({directory_.next_timeout(), devices_.next_timeout(), callbacks_.next_timeout()});
}

void ControlPlane::deliver_messages(Turn& turn) {
    // Actors never call each other: what one says waits here until the one before has finished its turn. A message may
    // bring new ones; it ends, since devices answer only changes and the directory reports only changes.
    std::deque<std::variant<sessions::Message, api::device::Message>> queue;
    const auto collect = [&] {
        for (auto& message : turn.changes.messages) queue.emplace_back(std::move(message));
        for (auto& message : turn.device_messages) queue.emplace_back(std::move(message));
        turn.changes.messages.clear();
        turn.device_messages.clear();
    };
    for (collect(); !queue.empty(); collect()) {
        const auto message = std::move(queue.front());
        queue.pop_front();
        std::visit([&](const auto& one) { deliver(turn, one); }, message);
    }
}

void ControlPlane::deliver(Turn& turn, const sessions::Message& message) {
    if (const auto* changed = std::get_if<sessions::IncomingChanged>(&message))
        devices_.incoming_changed(turn.devices(), *changed);
    else
        devices_.participant_ended(turn.devices(), std::get<sessions::ParticipantEnded>(message).participant);
}

void ControlPlane::deliver(Turn& turn, const api::device::Message& message) {
    if (const auto* published = std::get_if<api::device::StreamsPublished>(&message)) {
        directory_.set_published(published->participant, published->streams, turn.changes);
    } else {
        const auto& presence = std::get<api::device::PresenceChanged>(message);
        callbacks_.enqueue(
            {presence.account, presence.participant, presence.callback_url, callback_body(presence, turn.now.wall)},
            turn.now, turn.effects);
    }
}

void ControlPlane::finish(Turn& turn, Output& out) {
    append(pending_, turn.changes.statements);
    append(pending_, turn.effects.statements);
    const uint64_t gate = pending_.empty() ? last_commit_ : last_commit_ + 1;
    for (api::Effect& effect : turn.effects.outputs) {
        if (gate <= durable_ && held_.empty())
            out.effects.push_back(std::move(effect));
        else
            held_.push_back({gate, std::move(effect)});
    }
    commit_if_idle(out);
}

void ControlPlane::commit_if_idle(Output& out) {
    // One commit at a time: what comes while it is written goes into the next one, together.
    if (pending_.empty() || durable_ != last_commit_) return;
    out.commits.push_back({++last_commit_, std::move(pending_)});
    pending_.clear();
}

void ControlPlane::release(uint64_t durable, Output& out) {
    durable_ = durable;
    while (!held_.empty() && held_.front().commit <= durable_) {
        out.effects.push_back(std::move(held_.front().effect));
        held_.pop_front();
    }
}

ControlPlaneCounts ControlPlane::counts() const {
    return {directory_.session_count(),    directory_.participant_count(),
            devices_.connected(),          devices_.refused(),
            devices_.turned_away(),        callbacks_.waiting(),
            callbacks_.counts().delivered, callbacks_.counts().dropped,
            devices_.untaken_codecs(),     devices_.unplaced_tracks()};
}

}  // namespace crosspoint::app
