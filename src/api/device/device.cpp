#include "api/device/device.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace crosspoint::api::device {

namespace json = boost::json;

namespace {

constexpr Duration kSilentSocket = 5s;
constexpr Duration kCloseAfterLeave = 5s;
constexpr Duration kGoneAfter = 60s;
constexpr size_t kMaxDiagnostics = 64 * 1024;

// No SDK comes near this. A message counts once, and once more for every 16 KiB that we would have to read.
constexpr int64_t kMessageBurst = 200;
constexpr Duration kMessageInterval = 50ms;
constexpr size_t kMessageUnit = 16 * 1024;

/// Diagnostics can be hundreds of kilobytes of no use to us: they are recognised before they are parsed.
bool is_large_diagnostics(std::string_view text) {
    return text.size() > kMaxDiagnostics && text.substr(0, 256).find("\"deviceDiagnostics\"") != std::string_view::npos;
}

}  // namespace

Device::Device(const sessions::Participant& participant, Random& random)
    : account_(participant.account),
      participant_(participant.id),
      permissions_(participant.permissions),
      callback_url_(participant.callback.url.value_or("")),
      tag_(participant.tag),
      subscribing_(random),
      messages_(kMessageBurst, kMessageInterval) {}

void Device::send(Context& context, std::string text) {
    if (socket_) context.out.outputs.emplace_back(SendText{*socket_, std::move(text)});
}

void Device::refuse(Context& context, SocketId socket, std::string_view code, std::string_view message) {
    if (client_.ours)
        context.out.outputs.emplace_back(
            SendText{socket, notification_text("refused", {{"code", code}, {"message", message}})});
    // Spec 2.9: 1000 is the only code after which a client stays away.
    context.out.outputs.emplace_back(CloseSocket{socket, 1000, std::string(message)});
}

void Device::tell_presence(Context& context, Presence presence) {
    if (callback_url_.empty()) return;
    context.messages.emplace_back(PresenceChanged{account_, participant_, callback_url_, tag_, device_id_, presence});
}

void Device::tell_streams(Context& context) {
    context.messages.emplace_back(StreamsPublished{participant_, publishing_.streams()});
}

void Device::stop_publishing(Context& context) {
    publishing_.close(context);
    tell_streams(context);
}

void Device::replace(Context& context, const ClientIdentity& client) {
    if (!device_id_.empty()) {
        if (socket_) refuse(context, *socket_, "replaced", "another device has connected with this token");
        // Not onLeave: applications delete the participant then, and it has just come back.
        if (signalled_) tell_presence(context, Presence::Disconnected);
        stop_publishing(context);
    }
    socket_.reset();
    device_id_ = context.random.uuid();
    client_ = client;
    signalling_ = Signalling::None;
    signalled_ = false;
    timers_ = {};
    subscribing_.client_changed(context);
}

void Device::socket_opened(Context& context, SocketId socket, const ClientIdentity& client) {
    const bool same = !device_id_.empty() && client.unique_id == client_.unique_id;
    if (!same) replace(context, client);
    const bool resumed = same && signalling_ == Signalling::Ready;
    if (socket_) context.out.outputs.emplace_back(CloseSocket{*socket_, 1000, "replaced by a newer socket"});
    if (signalling_ == Signalling::Leaving) signalling_ = Signalling::Left;
    socket_ = socket;
    client_ = client;
    timers_.clear(Timer::Gone);
    timers_.clear(Timer::Leave);
    greet(context, resumed);
    if (!resumed) {
        timers_.set(Timer::Silent, context.now.mono + kSilentSocket);
        return;
    }
    subscribing_.socket_replaced();
    if (!signalled_) tell_presence(context, Presence::Connected);
    signalled_ = present_ = true;
    offer_if_due(context);
}

void Device::greet(Context& context, bool resumed) {
    if (!client_.ours) return;
    send(context, notification_text("hello", {{"instance", context.settings.instance},
                                              {"participantId", participant_.value},
                                              {"resumed", resumed}}));
}

void Device::become_ready(Context& context) {
    timers_.clear(Timer::Silent);
    if (signalling_ == Signalling::Ready) return;
    signalling_ = Signalling::Ready;
    signalled_ = present_ = true;
    tell_presence(context, Presence::Connected);
}

/// With the id when the message is short enough to be read for it.
void Device::refuse_flood(Context& context, std::string_view text) {
    json::value id;
    if (text.size() <= kMessageUnit) {
        const auto call = parse_call(text);
        if (call && !call->id) return;
        id = call ? *call->id : call.error().id;
    }
    send(context, error_text(id, {RpcCode::TooManyMessages, "too many messages, or too large ones, for this time"}));
}

void Device::socket_text(Context& context, std::string_view text) {
    if (is_large_diagnostics(text)) return;
    if (!messages_.take(context.now.mono, 1 + static_cast<int64_t>(text.size() / kMessageUnit)))
        return refuse_flood(context, text);
    const auto call = parse_call(text);
    if (!call) {
        send(context, error_text(call.error().id, call.error().error));
        return;
    }
    handle_call(context, *call);
    offer_if_due(context);
}

void Device::handle_call(Context& context, const RpcCall& call) {
    if (!call.id) {
        if (call.method == "leave") handle_leave(context);
        return;  // diagnostics are not kept; unknown notifications are ignored (spec 2.3)
    }
    const auto result = dispatch(context, call);
    send(context, result ? result_text(*call.id, *result) : error_text(*call.id, result.error()));
}

Result<json::object, RpcError> Device::dispatch(Context& context, const RpcCall& call) {
    if (call.method == "ping") return json::object{};
    const bool prefers = call.method == "setMediaPreferences";
    const bool offers = call.method == "offerSdp";
    if (!prefers && !offers && call.method != "answerSdp")
        return RpcError{RpcCode::MethodNotFound, "there is no such method"};
    if (signalling_ == Signalling::Leaving) return RpcError{RpcCode::Application, "the device has left"};
    // Not only with the preferences: a client that reconnects never repeats them, and we may have lost them (spec 2.9).
    // An object of an old SDK that is used again after `leave` does not state them either (spec 2.3).
    become_ready(context);
    if (prefers) return json::object{};
    if (offers) {
        auto result = publishing_.offer(context, call.params, participant_, permissions_);
        if (result) tell_streams(context);
        return result;
    }
    const auto sdp = text_member(call.params, "sdpAnswer");
    if (!sdp) return sdp.error();
    const auto accepted = subscribing_.answer(context, *sdp);
    if (!accepted) return accepted.error();
    return json::object{};
}

void Device::handle_leave(Context& context) {
    if (has_left()) return;  // listeners of the SDK accumulate: it may say so more than once
    signalling_ = Signalling::Leaving;
    if (present_) tell_presence(context, Presence::Left);
    present_ = signalled_ = false;
    stop_publishing(context);
    subscribing_.connection_ended(context);
    // The client closes with 1000 itself; closing first would make its socket layer open a zombie (spec 2.9).
    timers_.set(Timer::Leave, context.now.mono + kCloseAfterLeave);
}

void Device::socket_closed(Context& context, SocketId socket) {
    if (socket_ != socket) return;
    socket_.reset();
    timers_.clear(Timer::Silent);
    timers_.clear(Timer::Leave);
    if (signalling_ == Signalling::Leaving) signalling_ = Signalling::Left;
    if (!may_be_gone()) return;
    if (signalled_) tell_presence(context, Presence::Disconnected);
    signalled_ = false;
    timers_.set(Timer::Gone, context.now.mono + kGoneAfter);
}

void Device::incoming_changed(Context& context, std::vector<sessions::IncomingStream> streams) {
    subscribing_.set_incoming(context, std::move(streams));
    offer_if_due(context);
}

void Device::participant_ended(Context& context) {
    if (present_) tell_presence(context, Presence::Left);
    present_ = signalled_ = false;
    if (socket_) refuse(context, *socket_, "participantDeleted", "the participant has ended");
    socket_.reset();
    publishing_.close(context);
    subscribing_.close(context);
    timers_ = {};
}

bool Device::handle_link(Context& context, const sfu::Event& event) {
    const bool ours = publishing_.handle_link(event) || subscribing_.handle_link(context, event);
    if (!ours) return false;
    const bool over = std::holds_alternative<sfu::LinkSilent>(event) || std::holds_alternative<sfu::LinkFailed>(event);
    // Without a socket the media alone kept the device here.
    if (over && !socket_ && !timers_.armed(Timer::Gone)) check_gone(context);
    offer_if_due(context);
    return true;
}

std::optional<LocalLink::Health> Device::media() const {
    const auto publishing = publishing_.health();
    const auto subscribing = subscribing_.health();
    using enum LocalLink::Health;
    for (const auto health : {Connected, Silent, Connecting, Failed})
        if (publishing == health || subscribing == health) return health;
    return std::nullopt;
}

void Device::check_gone(Context& context) {
    if (socket_ || !may_be_gone()) return;
    if (publishing_.alive() || subscribing_.alive()) return;  // asked again when a link falls silent
    signalling_ = Signalling::None;
    if (present_) tell_presence(context, Presence::Left);
    present_ = false;
    stop_publishing(context);
    subscribing_.close(context);
}

void Device::handle_timeout(Context& context) {
    const Timestamp now = context.now.mono;
    if (timers_.fired(Timer::Silent, now)) {
        if (signalling_ == Signalling::Left) {
            refuse(context, *socket_, "left", "the device has left");
        } else {
            become_ready(context);
        }
    }
    if (timers_.fired(Timer::Leave, now) && socket_)
        context.out.outputs.emplace_back(CloseSocket{*socket_, 1000, "the device has left"});
    if (timers_.fired(Timer::Gone, now)) check_gone(context);
    subscribing_.handle_timeout(now);
    offer_if_due(context);
}

void Device::offer_if_due(Context& context) {
    if (!socket_ || signalling_ != Signalling::Ready) return;
    if (auto offer = subscribing_.next_offer(context)) send(context, std::move(*offer));
}

std::string Device::stored() const {
    if (device_id_.empty()) return {};
    return json::serialize(json::object{{"uniqueId", client_.unique_id},
                                        {"ours", client_.ours},
                                        {"deviceId", device_id_},
                                        {"ready", signalling_ == Signalling::Ready},
                                        {"left", has_left()},
                                        {"present", present_},
                                        {"signalled", signalled_},
                                        {"streams", publishing_.stored()},
                                        {"subscribing", subscribing_.stored()}});
}

void Device::restore(Context& context, std::string_view stored) {
    const json::object state = json::parse(stored).as_object();
    client_ = {std::string(state.at("uniqueId").as_string()), state.at("ours").as_bool()};
    device_id_ = std::string(state.at("deviceId").as_string());
    if (state.at("ready").as_bool()) signalling_ = Signalling::Ready;
    if (state.at("left").as_bool()) signalling_ = Signalling::Left;
    present_ = state.at("present").as_bool();
    signalled_ = state.at("signalled").as_bool();
    publishing_.restore(state.at("streams").as_array(), context.numbers);
    subscribing_.restore(state.at("subscribing").as_object());
    // Its socket ended with the process before this one.
    if (signalled_) tell_presence(context, Presence::Disconnected);
    signalled_ = false;
    if (may_be_gone()) timers_.set(Timer::Gone, context.now.mono + kGoneAfter);
    tell_streams(context);
}

}  // namespace crosspoint::api::device
