#include "api/device/devices.h"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "api/device/records.h"

namespace crosspoint::api::device {
namespace {

constexpr size_t kMaxUniqueId = 128;
constexpr int64_t kRefusalBurst = 30;
constexpr Duration kRefusalInterval = 2s;

struct SocketQuery {
    std::string token;
    ClientIdentity client;
};

/// The query of spec 2.1. Nothing when it is no URL or the token is missing.
std::optional<SocketQuery> read_query(std::string_view target) {
    // A base URL that ends in a slash makes "//v3/", which is no origin-form but what clients send (spec 2.1).
    while (target.starts_with("//")) target.remove_prefix(1);
    const auto url = boost::urls::parse_origin_form({target.data(), target.size()});
    if (!url) return std::nullopt;
    SocketQuery query;
    for (const auto& param : url->params()) {
        if (param.key == "token") query.token = param.value;
        if (param.key == "client") query.client.ours = param.value == "crosspoint";
    }
    // As it is spelt: the same client spells it the same again, and decoded it could be any bytes, which are no JSON.
    for (const auto& param : url->encoded_params())
        if (param.key == "uniqueId") query.client.unique_id = std::string(param.value.substr(0, kMaxUniqueId));
    if (query.token.empty()) return std::nullopt;
    return query;
}

}  // namespace

Devices::Devices(const sessions::Directory& directory, Settings settings, Random& random)
    : directory_(directory),
      settings_(std::move(settings)),
      random_(random),
      refusals_(kRefusalBurst, kRefusalInterval) {}

Devices::Entry& Devices::entry(const sessions::Participant& participant) {
    const auto found = devices_.find(participant.id);
    if (found != devices_.end()) return found->second;
    return devices_.emplace(participant.id, Entry{Device(participant, random_), {}}).first->second;
}

template <class Work>
void Devices::run(const Turn& turn, Entry& entry, Work work) {
    const size_t from = turn.out.outputs.size();
    const ParticipantId& participant = entry.device.participant();
    Context shared{turn.now, settings_, numbers_, random_, turn.out, turn.messages, participant};
    const bool was_present = entry.device.present();
    const std::string before = entry.device.device_id();
    const auto media = entry.device.media();
    work(shared);
    const bool is_present = entry.device.present();
    const bool restored = !was_present && !entry.device.socket();
    if (is_present != was_present && !restored)
        shared.log(was_present ? "device gone" : "device connected", {{"device", entry.device.device_id()}});
    if (is_present && was_present && entry.device.device_id() != before)
        shared.log("device replaced", {{"device", before}, {"by", entry.device.device_id()}});
    for (size_t i = from; i < turn.out.outputs.size(); ++i) {
        const auto* command = std::get_if<sfu::Command>(&turn.out.outputs[i]);
        if (command == nullptr) continue;
        if (const auto* opened = std::get_if<sfu::OpenLink>(command)) links_[opened->link] = participant;
        if (const auto* closed = std::get_if<sfu::CloseLink>(command)) links_.erase(closed->link);
    }
    if (const auto changed = entry.device.media(); changed != media)
        turn.messages.emplace_back(MediaChanged{participant, changed.value_or(MediaChanged::Health::Connecting)});
    std::string state = entry.device.stored();
    if (state != entry.stored) {
        entry.stored = state;
        turn.out.statements.push_back(put_device(participant, std::move(state)));
    }
    deadlines_.set(participant, entry.device.next_timeout());
}

void Devices::restore(Turn turn, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        StoredDevice stored = device_from(row);
        const sessions::Participant* participant = directory_.find(stored.participant);
        if (participant == nullptr) {
            turn.out.statements.push_back(erase_device(stored.participant));
            continue;
        }
        Entry& known = entry(*participant);
        known.stored = stored.state;
        try {
            run(turn, known, [&](Context& shared) { known.device.restore(shared, stored.state); });
        } catch (const std::exception&) {
            // Another version's. That costs this one device its place; not to start would cost everybody's.
            devices_.erase(stored.participant);
            turn.out.statements.push_back(erase_device(stored.participant));
        }
    }
}

bool Devices::turns_away(Now now, const HttpRequest& request) {
    const auto query = read_query(request.target);
    // A good token is never held up by what others do behind the same address.
    if (query && directory_.verify_token(query->token, now.wall)) return false;
    if (refusals_.take(request.peer, now.mono)) return false;
    ++turned_away_;
    return true;
}

void Devices::socket_opened(Turn turn, SocketId socket, const HttpRequest& request) {
    const auto query = read_query(request.target);
    const sessions::Participant* participant = query ? directory_.verify_token(query->token, turn.now.wall) : nullptr;
    if (participant == nullptr) {
        ++refused_;
        if (query && query->client.ours)
            turn.out.outputs.emplace_back(SendText{
                socket, notification_text(
                            "refused", {{"code", "tokenInvalid"}, {"message", "the token is not valid (any more)"}})});
        // Spec 2.9: refusing the upgrade, or any other code, makes the hosted SDK try again every second for ever.
        turn.out.outputs.emplace_back(CloseSocket{socket, 1000, "the token is not valid"});
        return;
    }
    Entry& known = entry(*participant);
    if (known.device.socket()) sockets_.erase(*known.device.socket());
    sockets_[socket] = participant->id;
    run(turn, known, [&](Context& shared) { known.device.socket_opened(shared, socket, query->client); });
}

void Devices::socket_text(Turn turn, SocketId socket, std::string_view text) {
    const auto owner = sockets_.find(socket);
    if (owner == sockets_.end()) return;
    Entry& known = devices_.at(owner->second);
    run(turn, known, [&](Context& shared) { known.device.socket_text(shared, text); });
}

void Devices::socket_closed(Turn turn, SocketId socket) {
    const auto owner = sockets_.find(socket);
    if (owner == sockets_.end()) return;
    Entry& known = devices_.at(owner->second);
    sockets_.erase(owner);
    run(turn, known, [&](Context& shared) { known.device.socket_closed(shared, socket); });
}

void Devices::link_event(Turn turn, const sfu::Event& event) {
    const LinkId link = std::visit([](const auto& one) { return one.link; }, event);
    const auto owner = links_.find(link);
    if (owner == links_.end()) return;
    Entry& known = devices_.at(owner->second);
    run(turn, known, [&](Context& shared) { known.device.handle_link(shared, event); });
}

void Devices::incoming_changed(Turn turn, const sessions::IncomingChanged& change) {
    const sessions::Participant* participant = directory_.find(change.participant);
    if (participant == nullptr) return;
    Entry& known = entry(*participant);
    run(turn, known, [&](Context& shared) { known.device.incoming_changed(shared, change.streams); });
}

void Devices::participant_ended(Turn turn, const ParticipantId& participant) {
    const auto found = devices_.find(participant);
    if (found == devices_.end()) return;
    if (found->second.device.socket()) sockets_.erase(*found->second.device.socket());
    run(turn, found->second, [&](Context& shared) { found->second.device.participant_ended(shared); });
    if (!found->second.stored.empty()) turn.out.statements.push_back(erase_device(participant));
    deadlines_.remove(participant);
    devices_.erase(found);
}

void Devices::permissions_changed(const sessions::PermissionsChanged& change) {
    const auto found = devices_.find(change.participant);
    if (found != devices_.end()) found->second.device.permissions_changed(change.permissions);
}

void Devices::stopping(Turn turn) {
    for (const auto& [socket, participant] : sockets_)
        turn.out.outputs.emplace_back(CloseSocket{socket, 1012, "the server restarts"});
}

void Devices::handle_timeout(Turn turn) {
    while (const auto due = deadlines_.pop_due(turn.now.mono)) {
        Entry& known = devices_.at(*due);
        run(turn, known, [&](Context& shared) { known.device.handle_timeout(shared); });
    }
}

}  // namespace crosspoint::api::device
