#include "api/jsapi/encode.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "api/jsapi/call_json.h"
#include "api/jsapi/faults.h"
#include "api/jsapi/profile_json.h"

namespace crosspoint::api::jsapi {
namespace {

namespace json = boost::json;

/// A message in its envelope, its `ack` and `seq` still missing.
json::object frame(std::string_view type, json::object body) { return {{"type", type}, {"body", std::move(body)}}; }

json::object content(const chains::Text& text) { return {{"text", text.text}}; }

// ---- the user log (6.3) ----

json::object body_of(const chains::TextView& view) {
    const chains::Text& text = view.text;
    json::object body{{"id", text.id.value},
                      {"chainId", text.chain.value},
                      {"pos", text.pos},
                      {"sender", text.sender.value},
                      {"receivers", to_json(text.receivers)},
                      {"receiver", view.receiver.value},
                      {"connectionId", text.connection.value},
                      {"content", content(text)},
                      {"version", text.version},
                      {"ts", text.ts.unix_milliseconds}};
    if (!text.local_id.empty()) body["localId"] = text.local_id;
    return body;
}

json::object item(const chains::TextAdded& added) { return frame("text.add_message", body_of(added.view)); }
json::object item(const chains::TextEdited& edited) { return frame("text.edit_message", body_of(edited.view)); }
json::object item(const chains::TextRemoved& removed) {
    return frame("text.remove_message",
                 {{"id", removed.id.value}, {"chainId", removed.chain.value}, {"version", removed.version}});
}
json::object item(const chains::CallOver& over) { return frame("call.record", {{"record", to_json(over.record)}}); }
json::object item(const chains::CallMissed& missed) {
    return frame("call.missed", {{"record", to_json(missed.record)}});
}

/// Opaque to clients, who hand it back as it is.
std::string cursor(uint64_t useq) { return std::to_string(useq); }

// ---- results (asyncapi's x-result) ----

json::object in_history(const chains::TextView& view) {
    const chains::Text& text = view.text;
    json::object message{{"kind", "text"},
                         {"id", text.id.value},
                         {"chainId", text.chain.value},
                         {"pos", text.pos},
                         {"sender", text.sender.value},
                         {"receivers", to_json(text.receivers)},
                         {"connectionId", text.connection.value},
                         {"version", text.version},
                         {"ts", text.ts.unix_milliseconds}};
    if (text.removed)
        message["removed"] = true;
    else
        message["content"] = content(text);
    return message;
}

json::object in_history(const chains::CallInHistory& call) {
    return {{"kind", "call"},
            {"id", call.record.ref.call.value},
            {"chainId", call.record.ref.chain.value},
            {"pos", call.pos},
            {"record", to_json(call.record, call.live)}};
}

json::object result(std::monostate) { return {}; }

json::object result(const chains::Opened& opened) {
    json::object result{{"callId", opened.ref.call.value}, {"chainId", opened.ref.chain.value}};
    if (opened.merged) result["merged"] = true;
    return result;
}

json::object result(const chains::TextStored& stored) {
    return {{"id", stored.id.value},
            {"chainId", stored.chain.value},
            {"pos", stored.pos},
            {"version", stored.version},
            {"ts", stored.ts.unix_milliseconds}};
}

json::object result(const chains::ProfileList& list) { return {{"profiles", to_json(list.profiles)}}; }

json::object result(const chains::HistoryPage& page) {
    json::array messages;
    for (const auto& message : page.messages)
        messages.push_back(std::visit([](const auto& one) { return in_history(one); }, message));
    return {{"messages", std::move(messages)}, {"more", page.more}};
}

json::object result(const chains::ChainPage& page) {
    json::array chains;
    for (const auto& chain : page.chains)
        chains.push_back({{"chainId", chain.chain.value}, {"latestAt", chain.latest.unix_milliseconds}});
    json::object result{{"chains", std::move(chains)}, {"more", page.next.has_value()}};
    if (page.next) result["next"] = *page.next;
    return result;
}

json::object reply(uint64_t re, const chains::ReplyResult& what) {
    if (const auto* refused = std::get_if<chains::Refused>(&what))
        return {{"re", re}, {"ok", false}, {"error", fault_json(*refused)}};
    return std::visit(
        [&](const auto& one) -> json::object {
            if constexpr (std::is_same_v<std::decay_t<decltype(one)>, chains::Refused>)
                return {};
            else
                return {{"re", re}, {"ok", true}, {"result", result(one)}};
        },
        what);
}

// ---- sequenced messages ----

json::object message(const chains::CallMessage& call) {
    CallText text = call_text(call);
    return frame(text.type, std::move(text.body));
}

json::object message(const chains::ReplyTo& answer) { return frame("reply", reply(answer.re, answer.result)); }

json::object message(const chains::LogNews& news) {
    json::object made = std::visit([](const auto& one) { return item(one); }, news.item);
    made["body"].as_object()["useq"] = cursor(news.useq);
    return made;
}

json::object message(const chains::ProfileChanged& changed) {
    return frame("profile.updated", {{"profile", to_json(changed.profile)}});
}

json::object message(const chains::ConnectionCount& count) {
    return frame("auth.multiconnection", {{"count", count.connections}});
}

json::object message(const chains::CustomNews& news) {
    return frame("custom.message", {{"from", news.from.value},
                                    {"receiver", news.receiver.value},
                                    {"content", news.content},
                                    {"ts", news.ts.unix_milliseconds}});
}

json::object message(const chains::AuthExpiring& expiring) {
    return frame("auth.expiring", {{"expiresInMs", expiring.expires_in.count()}});
}

json::object message(const chains::SyncDone& done) {
    json::object body{{"useq", cursor(done.useq)}};
    if (done.log_truncated) body["logTruncated"] = true;
    return frame("sync.done", std::move(body));
}

// ---- frames ----

json::object limits_json(const chains::Settings& limits) {
    return {{"frameBytes", limits.frame_bytes},
            {"textBytes", limits.text_bytes},
            {"customBytes", limits.custom_bytes},
            {"receiversPerMessage", limits.receivers_per_message},
            {"participantsPerCall", limits.participants_per_call},
            {"connectionsPerUser", limits.connections_per_user},
            {"liveCallsPerUser", limits.live_calls_per_user},
            {"unansweredCallsPerUser", limits.unanswered_outgoing_per_user},
            {"callsPerMinute", limits.calls_per_minute},
            {"textsPerMinute", limits.texts_per_minute},
            {"messagesPerSecond", limits.messages_per_second}};
}

json::object welcome(const chains::Welcome& welcome, const chains::Settings& limits) {
    return frame("welcome", {{"connectionId", welcome.connection.value},
                             {"userId", welcome.user.value},
                             {"profiles", to_json(welcome.profiles)},
                             {"resumed", welcome.resumed},
                             {"fresh", welcome.fresh},
                             {"recv", welcome.recv},
                             {"resumeToken", welcome.resume_token},
                             {"resumeWindowMs", limits.resume_window.count()},
                             {"pingMs", limits.ping.count()},
                             {"expiresInMs", welcome.expires_in.count()},
                             {"connections", welcome.connections},
                             {"limits", limits_json(limits)}});
}

json::object acknowledging(json::object frame, uint64_t ack) {
    frame["ack"] = ack;
    return frame;
}

}  // namespace

std::string encode(const chains::ServerFrame& frame_of, uint64_t ack, const chains::Settings& limits) {
    struct Encoder {
        uint64_t ack;
        const chains::Settings& limits;

        json::object operator()(const chains::Welcome& one) const { return welcome(one, limits); }
        json::object operator()(const chains::ServerSays& one) const {
            json::object said = std::visit([](const auto& inner) { return message(inner); }, one.message);
            said["seq"] = one.seq;
            return acknowledging(std::move(said), ack);
        }
        json::object operator()(const chains::ServerPing&) const { return acknowledging({{"type", "ping"}}, ack); }
        json::object operator()(const chains::ServerPong&) const { return acknowledging({{"type", "pong"}}, ack); }
        json::object operator()(const chains::ServerAck&) const { return acknowledging({{"type", "ack"}}, ack); }
        json::object operator()(const chains::ServerError& one) const { return frame("error", fault_json(one.why)); }
    };
    return json::serialize(std::visit(Encoder{ack, limits}, frame_of));
}

std::string unsupported_version_text() { return json::serialize(frame("error", unsupported_version_json())); }

std::string_view reason(chains::CloseCode code) {
    switch (code) {
        case chains::CloseCode::Normal: return "bye";
        case chains::CloseCode::Restart: return "the server restarts";
        case chains::CloseCode::Protocol: return "a fault in the protocol";
        case chains::CloseCode::Authentication: return "the token is not valid";
        case chains::CloseCode::DeadTransport: return "nothing was heard for too long";
        case chains::CloseCode::Replaced: return "the connection was resumed elsewhere";
        case chains::CloseCode::TooLarge: return "the frame is too large";
        case chains::CloseCode::Rate: return "too many messages";
        case chains::CloseCode::Fault: return "the server failed";
    }
    return {};
}

}  // namespace crosspoint::api::jsapi
