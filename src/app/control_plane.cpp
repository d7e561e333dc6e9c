#include "app/control_plane.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/jsapi/call_json.h"
#include "api/json.h"

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

/// The body of the wake webhook (jsapi PRO-2): nothing that a woken device may trust without connecting.
std::string wake_body(const chains::Wake& wake) {
    return boost::json::serialize(boost::json::object{{"event", "wake"},
                                                      {"callId", wake.call.value},
                                                      {"from", wake.from.value},
                                                      {"to", wake.to.value},
                                                      {"options", api::jsapi::to_json(wake.options)},
                                                      {"expiresInMs", wake.expires_in.count()}});
}

std::vector<AccountId> ids(const std::vector<api::Account>& accounts) {
    std::vector<AccountId> ids;
    for (const api::Account& account : accounts) ids.push_back(account.id);
    return ids;
}

bool offers(std::string_view protocols, std::string_view wanted) {
    while (!protocols.empty()) {
        auto one = protocols.substr(0, protocols.find(','));
        protocols.remove_prefix(std::min(one.size() + 1, protocols.size()));
        while (one.starts_with(' ')) one.remove_prefix(1);
        while (one.ends_with(' ')) one.remove_suffix(1);
        if (one == wanted) return true;
    }
    return false;
}

}  // namespace

ControlPlane::ControlPlane(ControlPlaneSettings settings, Random& random)
    : directory_(random, settings.sessions),
      auth_(settings.accounts, random),
      hub_(directory_, settings.people, settings.doorway, ids(settings.accounts), random),
      administration_(hub_, directory_, random),
      routes_(directory_, auth_, random, settings.rest, &administration_),
      devices_(directory_, std::move(settings.devices), random),
      callbacks_(std::move(settings.callbacks)),
      accounts_(ids(settings.accounts)),
      wake_urls_(std::move(settings.wake_urls)) {
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
    hub_.restore(turn.people(), stored.people);
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
        [&](SocketOpened& opened) {
            if (api::jsapi::Hub::serves(opened.request.target))
                hub_.socket_opened(turn.people(), opened.socket, opened.request.peer);
            else
                devices_.socket_opened(turn.devices(), opened.socket, opened.request);
        },
        [&](SocketText& text) {
            if (hub_.owns(text.socket))
                hub_.socket_text(turn.people(), text.socket, text.text);
            else
                devices_.socket_text(turn.devices(), text.socket, text.text);
        },
        [&](SocketClosed& closed) {
            if (hub_.owns(closed.socket))
                hub_.socket_closed(turn.people(), closed.socket);
            else
                devices_.socket_closed(turn.devices(), closed.socket);
        },
        [&](sfu::Event& event) { devices_.link_event(turn.devices(), event); },
        [&](api::WebhookResult& result) { callbacks_.finished(result, now, turn.effects); },
        [&](api::PasswordVerified& result) { routes_.password_verified(result, now, turn.effects, turn.changes); },
        [&](api::RowsReady& ready) { hub_.rows_ready(turn.people(), ready); },
        [&](CommitDurable& durable) { release(durable.number, out); },
        [&](Stopping&) {
            devices_.stopping(turn.devices());
            hub_.stopping(turn.people());
        },
    };
    std::visit(dispatch, input);
    deliver_messages(turn);
    finish(turn, out);
}

std::optional<api::HttpResponse> ControlPlane::refuse_socket(const api::HttpRequest& request, Now now) {
    const auto too_many = [](std::string_view seconds) {
        auto response = api::json_response(429, {{"error", "too many sockets without a valid token"}});
        response.headers.push_back({"Retry-After", std::string(seconds)});
        return response;
    };
    if (!api::jsapi::Hub::serves(request.target))
        return devices_.turns_away(now, request) ? std::optional(too_many("60")) : std::nullopt;
    if (!offers(request.header("Sec-WebSocket-Protocol"), api::jsapi::kSubprotocol))
        return api::json_response(400, {{"error", "the subprotocol jsapi.v1 has to be offered"}});
    return hub_.turns_away(request.peer) ? std::optional(too_many("5")) : std::nullopt;
}

void ControlPlane::handle_timeout(Now now, Output& out) {
    Turn turn{now, {}, {}, {}};
    directory_.handle_timeout(now, turn.changes);
    devices_.handle_timeout(turn.devices());
    hub_.handle_timeout(turn.people());
    callbacks_.handle_timeout(now, turn.effects);
    deliver_messages(turn);
    finish(turn, out);
}

Timestamp ControlPlane::next_timeout() const {
    return std::min(
        {directory_.next_timeout(), devices_.next_timeout(), hub_.next_timeout(), callbacks_.next_timeout()});
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
    for (const api::jsapi::WakeUp& wake_up : hub_.take_wake_ups()) wake(turn, wake_up);
}

void ControlPlane::deliver(Turn& turn, const sessions::Message& message) {
    if (const auto* changed = std::get_if<sessions::IncomingChanged>(&message))
        devices_.incoming_changed(turn.devices(), *changed);
    if (const auto* permitted = std::get_if<sessions::PermissionsChanged>(&message))
        devices_.permissions_changed(*permitted);
    if (const auto* ended = std::get_if<sessions::ParticipantEnded>(&message)) {
        devices_.participant_ended(turn.devices(), ended->participant);
        hub_.participant_ended(turn.people(), ended->participant);
    }
    if (const auto* ended = std::get_if<sessions::SessionEnded>(&message))
        hub_.session_ended(turn.people(), ended->session);
}

void ControlPlane::wake(Turn& turn, const api::jsapi::WakeUp& wake_up) {
    const auto url = wake_urls_.find(wake_up.account);
    if (url == wake_urls_.end()) return;  // then nobody can wake anything
    // Not tried again: it must not come twice, nor when there is nothing to ring for any more (PRO-2).
    callbacks_.post_now({wake_up.account, ParticipantId(wake_up.wake.to.value), url->second, wake_body(wake_up.wake)},
                        turn.now, turn.effects);
}

void ControlPlane::deliver(Turn& turn, const api::device::Message& message) {
    if (const auto* published = std::get_if<api::device::StreamsPublished>(&message)) {
        directory_.set_published(published->participant, published->streams, turn.changes);
    } else if (const auto* media = std::get_if<api::device::MediaChanged>(&message)) {
        hub_.media_changed(turn.people(), *media);
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
    return {directory_.session_count(),
            directory_.participant_count(),
            devices_.connected(),
            devices_.refused(),
            devices_.turned_away(),
            callbacks_.waiting(),
            callbacks_.counts().delivered,
            callbacks_.counts().dropped,
            devices_.untaken_codecs(),
            devices_.unplaced_tracks(),
            hub_.counts()};
}

}  // namespace crosspoint::app
