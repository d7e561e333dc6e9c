#include "load/client.h"

namespace crosspoint::load {
namespace {

// As the SDK does it (sdk/src/jsapi/incoming.ts).
constexpr Duration kAcknowledgeWithin = 200ms;
constexpr size_t kAcknowledgeEvery = 32;

}  // namespace

std::optional<std::string> error_of(const News& reply) {
    const json::value* ok = reply.body.if_contains("ok");
    if (ok && *ok == true) return std::nullopt;
    const json::value* error = reply.body.if_contains("error");
    return error && error->is_object() ? std::string(text_of(error->as_object(), "name")) : "refused";
}

void Client::begin(ClientOutput& out) {
    const json::object device{{"name", "load"}, {"kind", "server"}};
    const json::object body{{"version", 1}, {"appId", account_}, {"token", token_}, {"device", device}};
    out.frames.push_back(json::serialize(json::object{{"type", "hello"}, {"body", body}}));
    token_ = {};
}

void Client::ask(std::string_view type, json::object body, ClientOutput& out) {
    asked_.emplace(++sent_, type);
    send({{"type", type}, {"seq", sent_}, {"body", std::move(body)}}, out);
}

void Client::leave(ClientOutput& out) const {
    out.frames.push_back(json::serialize(json::object{{"type", "bye"}, {"body", json::object{}}}));
}

/// An acknowledgement rides on every frame.
void Client::send(json::object frame, ClientOutput& out) {
    frame["ack"] = received_;
    unacknowledged_ = 0;
    acknowledge_at_ = kNever;
    out.frames.push_back(json::serialize(frame));
}

void Client::hear(Timestamp now, std::string_view text, ClientOutput& out) {
    boost::system::error_code failed;
    json::value parsed = json::parse({text.data(), text.size()}, failed);
    const json::value* type = failed || !parsed.is_object() ? nullptr : parsed.as_object().if_contains("type");
    if (!type || !type->is_string()) {
        out.fault = "a frame that is no message";
        return;
    }
    json::object& frame = parsed.as_object();
    if (const json::value* seq = frame.if_contains("seq"))
        return hear_sequenced(now, seq->to_number<uint64_t>(failed), frame, out);
    if (*type == "ping") return send({{"type", "pong"}}, out);
    if (*type == "welcome") {
        const json::value* body = frame.if_contains("body");
        const json::value* limits = body && body->is_object() ? body->as_object().if_contains("limits") : nullptr;
        if (limits && limits->is_object()) limits_ = limits->as_object();
    }
    if (*type == "error") out.fault = json::serialize(frame);
}

void Client::hear_sequenced(Timestamp now, uint64_t seq, json::object& frame, ClientOutput& out) {
    if (seq != received_ + 1) {  // nothing is sent again on one transport
        out.fault = "number " + std::to_string(seq) + " after " + std::to_string(received_);
        return;
    }
    received_ = seq;
    acknowledge_at_ =
        ++unacknowledged_ >= kAcknowledgeEvery ? now : std::min(acknowledge_at_, now + kAcknowledgeWithin);

    News news;
    news.type = frame.at("type").as_string();
    if (json::value* body = frame.if_contains("body"); body && body->is_object())
        news.body = std::move(body->as_object());
    if (news.type == "sync.done") ready_ = true;
    if (news.type == "reply") {
        boost::system::error_code failed;
        const json::value* re = news.body.if_contains("re");
        const auto asked = asked_.find(re ? re->to_number<uint64_t>(failed) : 0);
        if (asked == asked_.end()) {
            out.fault = "a reply to nothing";
            return;
        }
        news.answers = std::move(asked->second);
        asked_.erase(asked);
    }
    out.news.push_back(std::move(news));
}

void Client::handle_timeout(Timestamp now, ClientOutput& out) {
    if (now >= acknowledge_at_) send({{"type", "ack"}}, out);
}

}  // namespace crosspoint::load
