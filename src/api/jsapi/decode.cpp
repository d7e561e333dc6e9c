#include "api/jsapi/decode.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <span>

#include "api/jsapi/body.h"
#include "api/json.h"

namespace crosspoint::api::jsapi {
namespace {

using chains::ClientMessage;
using chains::Refusal;
using chains::Settings;
using chains::Verb;

constexpr std::string_view kDevices[] = {"desktop", "mobile", "web", "server"};
constexpr std::string_view kRejections[] = {"declined", "busy"};
constexpr std::string_view kHindrances[] = {"no_media", "busy", "unsupported"};
constexpr std::string_view kBusyPolicies[] = {"ring", "reject"};                // as chains::BusyPolicy counts them
constexpr std::string_view kCallPolicies[] = {"anyone", "contacts", "nobody"};  // as chains::CallPolicy
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr size_t kMaxToken = 4096;                                 // characters
constexpr size_t kMaxName = 255;                                   // characters of a nickname or a device's name
constexpr size_t kMaxCursor = 128;                                 // characters of a place in a list of chains
constexpr int64_t kLeastRinging = 10'000, kMostRinging = 120'000;  // ms, jsapi 13

// ---- calls (8.1) ----

ClientMessage open(Body& in, const Settings& limits) {
    chains::OpenRequest open;
    open.local_id = in.local_id("localId");
    open.from = in.profile("from");
    open.to = in.profiles("to", limits.participants_per_call - 1);
    if (const auto chain = in.id("chainId")) open.chain = chains::ChainId(*chain);
    open.options = in.media("options", open.options);
    if (!open.options.audio && !open.options.video) in.complain("options");  // OPEN-5
    open.replace = in.boolean("replace").value_or(false);
    open.hold_others = in.boolean("holdOthers").value_or(false);
    if (const auto ringing = in.integer("ringTimeoutMs", kLeastRinging, kMostRinging))
        open.ring_timeout = std::chrono::milliseconds(*ringing);
    return open;
}

chains::CallRequest request(Body& in, Verb verb) {
    return {.call = chains::CallId(in.required_id("callId")), .verb = verb};
}

template <Verb verb>
ClientMessage plain(Body& in, const Settings&) {
    return request(in, verb);
}

ClientMessage accept(Body& in, const Settings&) {
    auto accept = request(in, Verb::Accept);
    accept.media = in.media("media");
    accept.hold_others = in.boolean("holdOthers").value_or(false);
    return accept;
}

ClientMessage reject(Body& in, const Settings&) {
    auto reject = request(in, Verb::Reject);
    reject.busy = in.choice("reason", kRejections) == 1U;
    return reject;
}

ClientMessage unavailable(Body& in, const Settings&) {
    auto unavailable = request(in, Verb::Unavailable);
    in.choice("reason", kHindrances);  // for logs; all three mean the same
    return unavailable;
}

ClientMessage hang_up(Body& in, const Settings&) {
    auto hang_up = request(in, Verb::HangUp);
    if (const auto named = in.id("connectionId")) hang_up.named = chains::ConnectionId(*named);
    return hang_up;
}

ClientMessage activate(Body& in, const Settings&) {
    auto activate = request(in, Verb::Activate);
    activate.named = chains::ConnectionId(in.required_id("expect"));
    activate.media = in.media("media");
    activate.hold_others = in.boolean("holdOthers").value_or(false);
    return activate;
}

ClientMessage resume(Body& in, const Settings&) {
    auto resume = request(in, Verb::Resume);
    resume.hold_others = in.boolean("holdOthers").value_or(false);
    return resume;
}

ClientMessage update(Body& in, const Settings&) {
    auto update = request(in, Verb::Update);
    update.media = in.media("media");
    return update;
}

ClientMessage invite(Body& in, const Settings& limits) {
    auto invite = request(in, Verb::Invite);
    invite.profiles = in.profiles("profileIds", limits.participants_per_call - 1);
    return invite;
}

ClientMessage remove(Body& in, const Settings&) {
    auto remove = request(in, Verb::Remove);
    remove.profiles = {in.profile("profileId")};
    return remove;
}

ClientMessage sync(Body& in, const Settings&) {
    auto sync = request(in, Verb::Sync);
    if (!in.has("rev")) in.complain("rev");
    in.integer("rev", 0, kMost);  // the answer is the same, whatever the client has
    return sync;
}

// ---- texts, chains and profiles (4 to 6) ----

std::string text_in(Body& in, const Settings& limits) {
    std::string text;
    in.inside("content", [&](Body& content) { text = content.content("text", limits.text_bytes); });
    return text;
}

ClientMessage add_text(Body& in, const Settings& limits) {
    chains::AddText add;
    add.local_id = in.local_id("localId");
    add.sender = in.profile("sender");
    add.receivers = in.profiles("receivers", limits.receivers_per_message);
    if (const auto chain = in.id("chainId")) add.chain = chains::ChainId(*chain);
    add.text = text_in(in, limits);
    return add;
}

ClientMessage edit_text(Body& in, const Settings& limits) {
    chains::EditText edit;
    edit.id = chains::MessageId(in.required_id("id"));
    edit.text = text_in(in, limits);
    return edit;
}

ClientMessage remove_text(Body& in, const Settings&) {
    return chains::RemoveText{chains::MessageId(in.required_id("id"))};
}

ClientMessage send_custom(Body& in, const Settings& limits) {
    chains::SendCustom send;
    send.from = in.profile("from");
    send.to = in.profiles("to", limits.receivers_per_message);
    send.content = in.content("content", limits.custom_bytes);
    return send;
}

ClientMessage list_profiles(Body&, const Settings&) { return chains::ListProfiles{}; }

ClientMessage set_profile(Body& in, const Settings&) {
    chains::SetProfile set;
    set.profile = in.profile("profileId");
    set.nickname = in.text("nickname", kMaxName);
    set.dnd = in.boolean("dnd");
    if (const auto policy = in.choice("busyPolicy", kBusyPolicies))
        set.busy_policy = static_cast<chains::BusyPolicy>(*policy);
    if (const auto policy = in.choice("callPolicy", kCallPolicies))
        set.call_policy = static_cast<chains::CallPolicy>(*policy);
    return set;
}

size_t page_size(Body& in, size_t usual, const Settings& limits) {
    const auto limit = in.integer("limit", 1, static_cast<int64_t>(limits.history_page));
    return limit ? static_cast<size_t>(*limit) : std::min(usual, limits.history_page);
}

ClientMessage read_history(Body& in, const Settings& limits) {
    chains::ReadHistory read;
    read.profile = in.profile("profileId");
    read.chain = chains::ChainId(in.required_id("chainId"));
    if (const auto before = in.integer("before", 1, kMost)) read.before = static_cast<uint64_t>(*before);
    read.limit = page_size(in, read.limit, limits);
    return read;
}

ClientMessage list_chains(Body& in, const Settings& limits) {
    chains::ListChains list;
    list.profile = in.profile("profileId");
    list.before = in.text("before", kMaxCursor);
    list.limit = page_size(in, list.limit, limits);
    return list;
}

struct MessageType {
    std::string_view name;
    ClientMessage (*read)(Body&, const Settings&);
};

constexpr MessageType kTypes[] = {
    {"profile.list", list_profiles},
    {"profile.set", set_profile},
    {"text.add_message", add_text},
    {"text.edit_message", edit_text},
    {"text.remove_message", remove_text},
    {"custom.message", send_custom},
    {"chain.history", read_history},
    {"chain.list", list_chains},
    {"call.init", open},
    {"call.pending", plain<Verb::Pending>},
    {"call.ringing", plain<Verb::Ringing>},
    {"call.accept", accept},
    {"call.reject", reject},
    {"call.ignore", plain<Verb::Ignore>},
    {"call.unavailable", unavailable},
    {"call.hangup", hang_up},
    {"call.activate", activate},
    {"call.hold", plain<Verb::Hold>},
    {"call.resume", resume},
    {"call.update", update},
    {"call.invite", invite},
    {"call.remove", remove},
    {"call.sync", sync},
};

// ---- frames (2.2, 3.1) ----

/// A cursor that we gave out, as decimal digits (6.3).
std::optional<uint64_t> cursor(Body& in, std::string_view name) {
    const auto text = in.text(name, kMaxCursor);
    if (!text) return std::nullopt;
    uint64_t value = 0;
    const auto [rest, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error == std::errc{} && rest == text->data() + text->size()) return value;
    in.complain(name);
    return std::nullopt;
}

ResumeRequest resume_request(Body& in) {
    ResumeRequest resume;
    resume.connection = chains::ConnectionId(in.required_id("connectionId"));
    resume.token = in.content("token", kMaxToken);
    if (const auto recv = in.integer("recv", 0, kMost)) resume.recv = static_cast<uint64_t>(*recv);
    return resume;
}

HelloRequest hello(const json::object& body) {
    Body in(body);
    HelloRequest hello;
    hello.version_known = in.integer("version", 1, 1).has_value();
    hello.app = AccountId(in.text("appId", kMaxName).value_or(""));
    hello.token = in.text("token", kMaxToken).value_or("");

    Body rest(body);
    if (rest.has("device"))
        rest.inside("device", [&](Body& device) {
            hello.device.name = device.text("name", kMaxName).value_or("");
            if (const auto kind = device.choice("kind", kDevices)) hello.device.kind = kDevices[*kind];
        });
    if (rest.has("resume")) rest.inside("resume", [&](Body& resume) { hello.resume = resume_request(resume); });
    hello.since = cursor(rest, "since");
    hello.problem = rest.problem();
    return hello;
}

const json::object* object_in(const json::object& frame, std::string_view name) {
    const auto* value = frame.if_contains(name);
    return value ? value->if_object() : nullptr;
}

/// Nothing: the member is there, and it is no count.
std::optional<std::optional<uint64_t>> count_in(const json::object& frame, std::string_view name) {
    const auto* value = frame.if_contains(name);
    if (!value || value->is_null()) return std::optional<uint64_t>();
    const auto* number = value->if_int64();
    if (!number || *number < 0) return std::nullopt;
    return static_cast<uint64_t>(*number);
}

std::variant<chains::ClientFrame, HelloRequest, RefreshRequest> plain_frame(std::string_view type,
                                                                            const json::object& frame) {
    if (type == "ping") return chains::ClientPing{};
    if (type == "pong") return chains::ClientPong{};
    if (type == "bye") return chains::ClientBye{};
    if (type == "ack" && frame.contains("ack")) return chains::ClientAck{};
    if (const auto* body = object_in(frame, "body"); body && type == "hello") return hello(*body);
    return chains::ClientGarbage{};
}

ClientMessage message(std::string_view type, const json::object& body, const Settings& limits) {
    const auto found = std::ranges::find(kTypes, type, &MessageType::name);
    if (found == std::end(kTypes)) return chains::Unreadable{{.why = Refusal::UnknownType}};
    Body in(body);
    ClientMessage message = found->read(in, limits);
    if (in.problem()) return chains::Unreadable{*in.problem()};
    return message;
}

std::variant<chains::ClientFrame, HelloRequest, RefreshRequest> sequenced(std::string_view type, uint64_t seq,
                                                                          const json::object& frame,
                                                                          const Settings& limits) {
    const auto* body = object_in(frame, "body");
    if (!body) return chains::ClientSays{seq, chains::Unreadable{{.why = Refusal::BadMessage}}};
    if (type != "auth.refresh") return chains::ClientSays{seq, message(type, *body, limits)};
    Body in(*body);
    std::string token = in.content("token", kMaxToken);
    if (in.problem()) return chains::ClientSays{seq, chains::Unreadable{*in.problem()}};
    return RefreshRequest{seq, std::move(token)};
}

}  // namespace

Frame decode(std::string_view text, const Settings& limits) {
    const auto value = parse_json(text);
    const auto* frame = value ? value->if_object() : nullptr;
    const auto* type = frame && frame->contains("type") ? frame->at("type").if_string() : nullptr;
    if (!type) return {{}, chains::ClientGarbage{}};
    const auto ack = count_in(*frame, "ack");
    const auto seq = count_in(*frame, "seq");
    if (!ack || !seq || *seq == 0U) return {{}, chains::ClientGarbage{}};
    if (*seq) return {*ack, sequenced(*type, **seq, *frame, limits)};
    return {*ack, plain_frame(*type, *frame)};
}

}  // namespace crosspoint::api::jsapi
