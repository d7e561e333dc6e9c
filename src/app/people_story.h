#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/json.h"
#include "app/control_plane.h"
#include "app/stored_state.h"
#include "base/encoding.h"
#include "base/recording.h"
#include "crypto/password.h"

namespace crosspoint::app {

namespace json = boost::json;

/// One client: what it was sent, and what it says next.
struct Client {
    SocketId socket;
    std::vector<json::object> frames;
    std::optional<uint16_t> closed;
    uint64_t seq = 0;

    const json::object* last(std::string_view type) const {
        for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame)
            if (frame->at("type").as_string() == type) return &frame->at("body").as_object();
        return nullptr;
    }
    size_t count(std::string_view type) const {
        return static_cast<size_t>(std::ranges::count_if(
            frames, [&](const json::object& frame) { return frame.at("type").as_string() == type; }));
    }
    /// The highest `seq`.
    uint64_t heard() const {
        for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame)
            if (const json::value* number = frame->if_contains("seq")) return number->to_number<uint64_t>();
        return 0;
    }
    std::string connection() const { return std::string(last("welcome")->at("connectionId").as_string()); }
};

/// The whole control plane over a real store, without sockets. Every frame and every answer of the administration is
/// recorded (base/recording.h), and is held against spec/ by e2e/lib/recorded.test.ts.
class PeopleStory : public testing::Test {
protected:
    PeopleStory() { start(); }

    /// Accounts "dev" and "other", each with an administrator. The password of all users is "secret".
    void start() {
        // Of that, at the lowest cost.
        const std::string hash = "scrypt$1$8$1$MDEyMzQ1Njc4OWFiY2RlZg$d3YGQD2sVPReXrbKT59VZyMmGc8-perqZlXjIxQirew";
        ControlPlaneSettings settings = settings_;
        using enum api::Role;
        settings.accounts = {
            {AccountId("dev"), {{"root", hash, Admin}, {"clerk", hash, Account}}},
            {AccountId("other"), {{"boss", hash, Admin}, {"stranger", hash, Admin}}},
        };
        settings.devices.make_certificate = &crypto::make_certificate;
        control_ = std::make_unique<ControlPlane>(settings, random_);
        Output out;
        control_->restore(read_stored(database_), now_, out);
        settle(out);
    }
    /// kill -9, and again.
    void restart() {
        control_.reset();
        for (auto& [socket, client] : clients_) client.closed = 1006;
        start();
    }

    void handle(Input input) {
        Output out;
        control_->handle(std::move(input), now_, out);
        settle(out);
    }
    /// Carries out whatever follows, the store's part at once.
    void settle(Output& first) {
        std::deque<Input> inputs;
        const auto take = [&](Output& out) {
            for (Commit& commit : out.commits) {
                database_.apply(commit.statements);
                inputs.emplace_back(CommitDurable{commit.number});
            }
            for (api::Effect& effect : out.effects) take_effect(effect, inputs);
        };
        take(first);
        while (!inputs.empty()) {
            Output out;
            control_->handle(std::move(inputs.front()), now_, out);
            inputs.pop_front();
            take(out);
        }
    }
    virtual void take_effect(api::Effect& effect, std::deque<Input>& inputs) {
        if (auto* text = std::get_if<api::SendText>(&effect)) hear(clients_[text->socket], text->text);
        if (auto* close = std::get_if<api::CloseSocket>(&effect)) {
            clients_[close->socket].closed = close->code;
            inputs.emplace_back(SocketClosed{close->socket});
        }
        if (auto* answer = std::get_if<api::Respond>(&effect)) answers_[answer->request] = answer->response;
        if (std::holds_alternative<api::QueryRows>(effect)) ++queries_;
        if (auto* query = std::get_if<api::QueryRows>(&effect))
            inputs.emplace_back(api::RowsReady{query->query, read_rows(database_, query->selects)});
        if (auto* check = std::get_if<api::VerifyPassword>(&effect))
            inputs.emplace_back(
                api::PasswordVerified{check->check, crypto::verify_password(check->password, check->stored_hash)});
        if (auto* webhook = std::get_if<api::PostWebhook>(&effect)) webhooks_.push_back(*webhook);
    }
    void hear(Client& client, const std::string& text) {
        client.frames.push_back(json::parse(text).as_object());
        json::object line{{"side", "toClient"}, {"frame", client.frames.back()}};
        if (const json::value* body = client.frames.back().if_contains("body"))
            if (const auto asked = asked_.find({client.socket, re(*body)}); asked != asked_.end()) {
                line["answers"] = asked->second.at("type");
                const bool taken = body->at("ok").as_bool();
                json::object said{{"side", "fromClient"}, {"frame", asked->second}};
                said["refused"] = taken ? "" : body->at("error").at("name");
                record_line("jsapi_frames.jsonl", json::serialize(said));
            }
        record_line("jsapi_frames.jsonl", json::serialize(line));
    }
    static uint64_t re(const json::value& body) {
        const json::value* re = body.as_object().if_contains("re");
        return re ? re->to_number<uint64_t>() : 0;
    }
    void pass(Duration time) {
        const Timestamp until = now_.mono + time;
        while (control_->next_timeout() <= until) {
            go_to(control_->next_timeout());
            Output out;
            control_->handle_timeout(now_, out);
            settle(out);
        }
        go_to(until);
    }
    /// … while these show that they are there (CON-5).
    void pass(Duration time, const std::vector<Client*>& with) {
        for (Duration left = time; left > Duration(); left -= 10s) {
            for (Client* client : with)
                if (!client->closed) say(*client, {{"type", "ping"}});
            pass(std::min<Duration>(left, 10s));
        }
    }
    void go_to(Timestamp when) {
        if (when <= now_.mono) return;
        now_.wall = now_.wall + std::chrono::duration_cast<std::chrono::milliseconds>(when - now_.mono);
        now_.mono = when;
    }

    // ---- administration ----

    api::HttpResponse admin(const std::string& method, const std::string& path, const json::object& body = {},
                            const std::string& account = "dev", std::string credentials = "root:secret") {
        if (account == "other") credentials = "boss:secret";
        api::HttpRequest request;
        request.id = RequestId{++last_request_};
        request.method = method;
        request.target = "/admin/v1/accounts/" + account + "/" + path;
        request.headers = {{"Authorization", "Basic " + base64(as_bytes(credentials))}};
        request.body = json::serialize(body);
        handle(request);
        const api::HttpResponse answer = answers_.at(request.id);
        const json::object line{{"method", method}, {"path", path}, {"status", answer.status}, {"body", answer.body}};
        record_line("admin_answers.jsonl", json::serialize(line));
        return answer;
    }
    json::object admin_object(const std::string& method, const std::string& path, const json::object& body = {},
                              const std::string& account = "dev") {
        return json::parse(admin(method, path, body, account).body).as_object();
    }
    void add(const std::string& user, const std::string& profile, const std::string& account = "dev") {
        EXPECT_LE(admin("PUT", "users/" + user, {}, account).status, 201);
        EXPECT_EQ(admin("PUT", "users/" + user + "/profiles/" + profile, {{"nickname", user}}, account).status, 201);
    }
    std::string token(const std::string& user, const json::object& wishes = {}, const std::string& account = "dev") {
        return std::string(admin_object("POST", "users/" + user + "/tokens", wishes, account).at("token").as_string());
    }

    // ---- clients ----

    Client& open(NetAddress peer = {}) {
        const SocketId socket{++last_socket_};
        api::HttpRequest request;
        request.target = "/jsapi/v1";
        request.peer = peer;
        clients_[socket].socket = socket;
        handle(SocketOpened{socket, request});
        return clients_[socket];
    }
    void say(Client& client, const json::object& frame) { handle(SocketText{client.socket, json::serialize(frame)}); }
    void hello(Client& client, const std::string& token, json::object more = {}) {
        if (!more.contains("version")) more["version"] = 1;
        if (!more.contains("appId")) more["appId"] = "dev";
        more["token"] = token;
        say(client, {{"type", "hello"}, {"body", more}});
    }
    Client& connect(const std::string& user, json::object more = {}) {
        return connect_with(token(user), std::move(more));
    }
    Client& connect_with(const std::string& token, json::object more = {}) {
        Client& client = open();
        hello(client, token, std::move(more));
        EXPECT_TRUE(client.last("welcome"));
        EXPECT_TRUE(client.last("sync.done"));
        return client;
    }
    /// The body of the reply.
    json::object reply_to(Client& client, std::string_view type, const json::value& body) {
        const uint64_t seq = ++client.seq;
        const json::object frame{{"type", type}, {"seq", seq}, {"ack", client.heard()}, {"body", body}};
        asked_[{client.socket, seq}] = frame;
        say(client, frame);
        const json::object* reply = client.last("reply");
        EXPECT_TRUE(reply && reply->at("re").to_number<uint64_t>() == seq) << json::serialize(frame);
        return reply ? *reply : json::object();
    }
    /// The reply's result, or its error.
    json::object ask(Client& client, std::string_view type, const json::object& body) {
        const json::object reply = reply_to(client, type, body);
        if (reply.empty()) return {};
        return reply.at(reply.at("ok").as_bool() ? "result" : "error").as_object();
    }
    std::string call(Client& client, const std::string& from, const std::string& to) {
        const auto opened = ask(client, "call.init", opening(from, {to}));
        EXPECT_TRUE(opened.contains("callId")) << json::serialize(opened);
        return opened.contains("callId") ? std::string(opened.at("callId").as_string()) : "";
    }
    json::object opening(const std::string& from, const std::vector<std::string>& to) {
        return {{"localId", random_.uuid()},
                {"from", from},
                {"to", json::array(to.begin(), to.end())},
                {"options", {{"audio", true}, {"video", true}}}};
    }
    json::object text(const std::string& sender, const std::string& receiver, const std::string& text) {
        return {{"localId", random_.uuid()},
                {"sender", sender},
                {"receivers", json::array{receiver}},
                {"content", {{"text", text}}}};
    }
    static json::object about(const std::string& call) { return {{"callId", call}}; }
    static json::object accepting(const std::string& call) {
        return {{"callId", call}, {"media", {{"audio", true}, {"video", true}}}};
    }

    // ---- what there is ----

    /// All that messages could change: every actor, every row of the store, and how much each client was told.
    struct Standing {
        std::string actors;
        std::map<std::string, std::vector<std::vector<SqlValue>>> rows;
        std::map<SocketId, size_t> told;
        std::map<SocketId, std::optional<uint16_t>> closed;
        size_t sessions = 0;
        size_t participants = 0;
        bool operator==(const Standing&) const = default;
    };
    /// `except` has been told `more` frames, replies to what it said, of which nothing else may show.
    Standing standing(const Client* except = nullptr, size_t more = 0) {
        Standing all;
        all.actors = control_->people().canonical(now_);
        for (const auto* connection : control_->people().connections(AccountId("dev"))) {
            chains::ConnectionState state = *connection;  // but for its sequences
            state.received = state.sent = 0;
            state.kept.clear();
            state.timers = {};  // that it spoke is heard
            chains::CanonicalWriter write(now_, chains::Counters::LeftOut);
            write(state);
            all.actors += write.take();
        }
        for (const Row& table : database_.query({"SELECT name FROM sqlite_master WHERE type = 'table'", {}}))
            for (const Row& row : database_.query({statement("SELECT * FROM " + table.text(0)), {}}))
                all.rows[table.text(0)].push_back(row.columns);
        for (const auto& [socket, client] : clients_) {
            all.told[socket] = client.frames.size() - (&client == except ? more : 0);
            all.closed[socket] = client.closed;
        }
        all.sessions = control_->counts().sessions;
        all.participants = control_->counts().participants;
        return all;
    }
    static std::string difference(const Standing& before, const Standing& after) {
        if (before.actors != after.actors) return before.actors + "\n" + after.actors;
        for (const auto& [table, rows] : after.rows)
            if (!before.rows.contains(table) || before.rows.at(table) != rows) return "table " + table;
        return before.told != after.told ? "somebody was told" : "something else";
    }
    /// A statement's text has to outlive it.
    static std::string_view statement(const std::string& sql) {
        static std::set<std::string> known;
        return *known.insert(sql).first;
    }

    ControlPlaneSettings settings_;
    SeededRandom random_{7};
    Now now_{Timestamp(1h), {1'700'000'000'000}};
    store::Database database_{":memory:", all_migrations()};
    std::unique_ptr<ControlPlane> control_;
    std::map<SocketId, Client> clients_;
    std::map<RequestId, api::HttpResponse> answers_;
    std::vector<api::PostWebhook> webhooks_;
    std::map<std::pair<SocketId, uint64_t>, json::object> asked_;
    size_t queries_ = 0;  // that the store was asked
    uint64_t last_request_ = 0;
    uint64_t last_socket_ = 0;
};

}  // namespace crosspoint::app
