#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "api/jsapi/decode.h"
#include "api/jsapi/hub.h"
#include "api/jsapi/user_token.h"
#include "base/verify.h"

// What clients say, each line a frame: read as something, whatever it is, and said to four devices of two people on a
// whole node, which answers each message once and in the end is left with nothing.
namespace {

using namespace crosspoint;
using namespace crosspoint::api;
namespace json = boost::json;

const AccountId kApp("1");
constexpr size_t kMaxLines = 60;

// ---- the decoder alone ----

void check(const chains::OpenRequest& open, const chains::Settings& limits) {
    VERIFY(!open.to.empty() && open.to.size() < limits.participants_per_call);
    VERIFY(open.options.audio || open.options.video);
}
void check(const chains::AddText& add, const chains::Settings& limits) {
    VERIFY(!add.receivers.empty() && add.receivers.size() <= limits.receivers_per_message);
    VERIFY(add.text.size() <= limits.text_bytes);
}
void check(const chains::SendCustom& custom, const chains::Settings& limits) {
    VERIFY(custom.content.size() <= limits.custom_bytes);
}
void check(const chains::ReadHistory& read, const chains::Settings& limits) {
    VERIFY(read.limit >= 1 && read.limit <= limits.history_page);
}
void check(const auto&, const chains::Settings&) {}

void decode(std::string_view text) {
    const chains::Settings limits;
    const auto frame = jsapi::decode(text, limits);
    const auto* says = std::get_if<chains::ClientFrame>(&frame.says);
    const auto* sequenced = says ? std::get_if<chains::ClientSays>(says) : nullptr;
    if (!sequenced) return;
    VERIFY(sequenced->seq > 0);
    std::visit([&](const auto& message) { check(message, limits); }, sequenced->message);
}

// ---- a node ----

struct Device {
    std::string user{};
    SocketId socket{};
    bool open = false;
    uint64_t said = 0;      // sequenced messages
    uint64_t answered = 0;  // of them
    uint64_t heard = 0;     // the server's last `seq`
    std::string connection{};
    std::string resume_token{};
};

class Node {
public:
    Node() {
        directory_.add_account(kApp, changes_);
        hub_.emplace(directory_, chains::Settings(), jsapi::DoorwayLimits(), std::vector{kApp}, random_);
        for (const char* user : {"A", "B"}) VERIFY(hub_->add_user(turn(), kApp, chains::UserId(user)));
        for (Device& device : devices_) connect(device, false);
        for (const auto& [user, profile] : {std::pair{"A", "a"}, {"B", "b"}}) {
            chains::Profile own;
            own.id = chains::ProfileId(profile);
            hub_->put_profile(turn(), chains::UserId(user), own);
            settle();
        }
    }
    /// "2{…}" is a frame of the third device, with the `seq` that is due and with the ids that it has learnt; "2-"
    /// loses its socket, "2+" resumes it, "2*" connects anew, "t" and a letter lets time pass. A line that begins with
    /// its brace is the first device's.
    void play(std::string_view line) {
        if (line.starts_with('t')) return pass(line.size() > 1 ? 100ms * (1 << (line[1] & 15)) : 1s);
        size_t which = 0;
        if (!line.empty() && line[0] >= '0' && line[0] <= '3') {
            which = static_cast<size_t>(line[0] - '0');
            line.remove_prefix(1);
        }
        Device& device = devices_[which];
        if (line == "-") return lose(device);
        if (line == "+" || line == "*") return connect(device, line == "+");
        if (device.open) say(device, line);
    }
    /// Everybody goes, and nothing is left.
    void end() {
        for (Device& device : devices_) lose(device);
        pass(10h);
        const auto counts = hub_->counts();
        VERIFY(counts.sockets == 0 && counts.connections == 0 && counts.chains == 0 && counts.seats == 0);
        VERIFY(counts.users == 0 && hub_->next_timeout() == kNever);
        VERIFY(directory_.session_count() == 0 && directory_.participant_count() == 0);
    }

private:
    jsapi::Hub::Turn turn() { return {now_, out_, changes_}; }

    void connect(Device& device, bool resume) {
        lose(device);
        device.socket = SocketId{++last_socket_};
        device.open = true;
        chains::Grant grant;
        grant.user = chains::UserId(device.user);
        grant.token_id = "t";
        grant.expires = now_.wall + 24h;
        json::object hello{{"version", 1},
                           {"appId", kApp.value},
                           {"token", jsapi::issue_user_token(*directory_.token_keys().find(kApp), kApp, grant)}};
        if (resume && !device.connection.empty())
            hello["resume"] = {
                {"connectionId", device.connection}, {"token", device.resume_token}, {"recv", device.heard}};
        hub_->socket_opened(turn(), device.socket, NetAddress());
        text(device, json::serialize(json::object{{"type", "hello"}, {"body", hello}}));
    }
    void lose(Device& device) {
        if (!device.open) return;
        device.open = false;
        hub_->socket_closed(turn(), device.socket);
        settle();
    }
    void say(Device& device, std::string_view line) {
        boost::system::error_code damaged;
        json::value frame = json::parse(learnt(line), damaged);
        const auto* object = damaged ? nullptr : frame.if_object();
        if (!object || !object->contains("seq")) return text(device, line);
        frame.as_object()["seq"] = device.said + 1;
        const std::string said = json::serialize(frame);
        const auto read = jsapi::decode(said, chains::Settings());
        const bool counts = read.says.index() == 2 || is_sequenced(read);
        if (counts) ++device.said;
        text(device, said);
        if (counts && device.open) VERIFY(device.answered == device.said);
    }
    static bool is_sequenced(const jsapi::Frame& frame) {
        const auto* says = std::get_if<chains::ClientFrame>(&frame.says);
        return says && std::holds_alternative<chains::ClientSays>(*says);
    }
    std::string learnt(std::string_view line) const {
        std::string said(line);
        for (const auto& [name, id] : ids_)
            for (size_t at = said.find(name); at != std::string::npos; at = said.find(name, at + id.size()))
                said.replace(at, name.size(), id);
        return said;
    }
    void text(Device& device, std::string_view said) {
        hub_->socket_text(turn(), device.socket, said);
        settle();
    }
    void pass(Duration time) {
        const Timestamp until = now_.mono + time;
        while (std::min(hub_->next_timeout(), directory_.next_timeout()) <= until) {
            go_to(std::min(hub_->next_timeout(), directory_.next_timeout()));
            directory_.handle_timeout(now_, changes_);
            hub_->handle_timeout(turn());
            settle();
        }
        go_to(until);
    }
    void go_to(Timestamp when) {
        if (when <= now_.mono) return;
        now_.wall = now_.wall + std::chrono::ceil<std::chrono::milliseconds>(when - now_.mono);
        now_.mono = when;
    }

    /// Until nothing follows any more. The store is empty: what is not in memory was never there.
    void settle() {
        while (!out_.outputs.empty() || !changes_.messages.empty()) {
            const auto outputs = std::exchange(out_.outputs, {});
            const auto messages = std::exchange(changes_.messages, {});
            for (const Effect& effect : outputs) take(effect);
            for (const auto& message : messages)
                if (const auto* ended = std::get_if<sessions::ParticipantEnded>(&message))
                    hub_->participant_ended(turn(), ended->participant);
        }
        out_.statements.clear();
        changes_.statements.clear();
    }
    void take(const Effect& effect) {
        if (const auto* query = std::get_if<QueryRows>(&effect))
            hub_->rows_ready(turn(), {query->query, std::vector<std::vector<Row>>(query->selects.size())});
        for (Device& device : devices_) {
            const auto* said = std::get_if<SendText>(&effect);
            if (said && said->socket == device.socket) hear(device, json::parse(said->text).as_object());
            const auto* closed = std::get_if<CloseSocket>(&effect);
            if (closed && closed->socket == device.socket) device.open = false;
        }
    }
    void hear(Device& device, const json::object& frame) {
        const std::string_view type = frame.at("type").as_string();
        const json::value* value = frame.if_contains("body");
        const json::object body = value ? value->as_object() : json::object();
        if (type == "welcome") {
            const bool goes_on = body.at("resumed").as_bool() && !body.at("fresh").as_bool();
            if (!goes_on) device.said = device.answered = device.heard = 0;
            device.connection = body.at("connectionId").as_string();
            device.resume_token = body.at("resumeToken").as_string();
        }
        if (const json::value* seq = frame.if_contains("seq")) {
            VERIFY(seq->to_number<uint64_t>() <= device.heard + 1);  // in order, or again
            device.heard = std::max(device.heard, seq->to_number<uint64_t>());
        }
        if (type == "reply") {
            VERIFY(body.at("re").to_number<uint64_t>() <= device.said);
            device.answered = std::max(device.answered, body.at("re").to_number<uint64_t>());
        }
        for (const char* field : {"callId", "chainId", "id"})
            if (const json::value* id = body.if_contains(field); id && id->is_string())
                ids_[std::string("@") + field] = std::string(id->as_string());
        ids_["@connectionId"] = device.connection;
    }

    SeededRandom random_{1};
    Now now_{Timestamp(1h), {1'700'000'000'000}};
    Effects out_;
    sessions::Effects changes_;
    sessions::Directory directory_{random_};
    std::optional<jsapi::Hub> hub_;
    std::array<Device, 4> devices_{Device{.user = "A"}, Device{.user = "A"}, Device{.user = "B"}, Device{.user = "B"}};
    std::map<std::string, std::string> ids_;
    uint64_t last_socket_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::string_view input(reinterpret_cast<const char*>(data), size);
    decode(input);
    Node node;
    for (size_t lines = 0; !input.empty() && lines < kMaxLines; ++lines) {
        const auto line = input.substr(0, input.find('\n'));
        input.remove_prefix(std::min(line.size() + 1, input.size()));
        node.play(line);
    }
    node.end();
    return 0;
}
