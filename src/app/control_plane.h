#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "api/administration.h"
#include "api/auth.h"
#include "api/callbacks.h"
#include "api/demo.h"
#include "api/device/devices.h"
#include "api/effects.h"
#include "api/jsapi/hub.h"
#include "api/routes.h"
#include "sessions/directory.h"

namespace crosspoint::app {

struct SocketOpened {
    SocketId socket;
    api::HttpRequest request;
};
struct SocketText {
    SocketId socket;
    std::string text;
};
struct SocketClosed {
    SocketId socket;
};
/// The store has made everything up to this commit durable.
struct CommitDurable {
    uint64_t number = 0;
};
/// The process has been asked to end: clients shall connect again.
struct Stopping {};

using Input = std::variant<api::HttpRequest, SocketOpened, SocketText, SocketClosed, sfu::Event, api::WebhookResult,
                           api::PasswordVerified, api::RowsReady, CommitDurable, Stopping>;

/// Writes that become durable together.
struct Commit {
    uint64_t number = 0;
    std::vector<Statement> statements;
};

/// What the edge has to do now, in this order: hand `commits` to the store, carry out `effects`.
struct Output {
    std::vector<Commit> commits;
    std::vector<api::Effect> effects;
};

struct ControlPlaneSettings {
    std::vector<api::Account> accounts;
    sessions::Limits sessions;
    api::RestLimits rest;
    api::device::Settings devices;
    api::CallbackSettings callbacks;
    std::optional<api::DemoSettings> demo;
    chains::Settings people;
    api::jsapi::DoorwayLimits doorway;                     // of sockets of people
    std::unordered_map<AccountId, std::string> wake_urls;  // where an account is asked to wake devices
};

/// Rows of every table, as they were when the process before this one ended.
struct StoredState {
    sessions::Snapshot directory;
    std::vector<Row> devices;
    std::vector<Row> callbacks;
    std::vector<Row> demo_rooms;
    api::jsapi::StoredPeople people;
};

struct ControlPlaneCounts {
    size_t sessions = 0;
    size_t participants = 0;
    size_t devices = 0;
    uint64_t sockets_refused = 0;      // opened with a token that is no good, and closed
    uint64_t sockets_turned_away = 0;  // not even opened
    size_t callbacks_waiting = 0;
    uint64_t callbacks_delivered = 0;
    uint64_t callbacks_dropped = 0;
    uint64_t untaken_codecs = 0;
    uint64_t unplaced_tracks = 0;
    api::jsapi::HubCounts people;
};

/// All decisions of one node as one machine: inputs and the time go in, commits and effects come out. Effects wait
/// until every write that was decided before them is durable (docs/decisions.md).
class ControlPlane {
public:
    ControlPlane(ControlPlaneSettings settings, Random& random);

    /// Once, before any input.
    void restore(const StoredState& stored, Now now, Output& out);
    void handle(Input input, Now now, Output& out);
    void handle_timeout(Now now, Output& out);
    Timestamp next_timeout() const;

    /// Asked before a socket is opened: the answer to the request instead, when it must not be.
    std::optional<api::HttpResponse> refuse_socket(const api::HttpRequest& request, Now now);

    api::Routes& routes() { return routes_; }
    const sessions::TokenKeys& token_keys() const { return directory_.token_keys(); }
    const api::jsapi::Hub& people() const { return hub_; }
    ControlPlaneCounts counts() const;
    /// True when nothing waits for the store.
    bool settled() const { return held_.empty() && pending_.empty(); }

private:
    struct Held {
        uint64_t commit;
        api::Effect effect;
    };
    /// Everything one turn produces before it is sorted out.
    struct Turn {
        Now now;
        api::Effects effects;
        sessions::Effects changes;
        std::vector<api::device::Message> device_messages;
        api::device::Devices::Turn devices() { return {now, effects, device_messages}; }
        api::jsapi::Hub::Turn people() { return {now, effects, changes}; }
    };

    void deliver_messages(Turn& turn);
    void deliver(Turn& turn, const sessions::Message& message);
    void deliver(Turn& turn, const api::device::Message& message);
    void wake(Turn& turn, const api::jsapi::WakeUp& wake_up);
    void finish(Turn& turn, Output& out);
    void commit_if_idle(Output& out);
    void release(uint64_t durable, Output& out);

    sessions::Directory directory_;
    api::Auth auth_;
    api::jsapi::Hub hub_;
    api::Administration administration_;
    api::Routes routes_;
    api::device::Devices devices_;
    api::Callbacks callbacks_;
    std::optional<api::Demo> demo_;
    std::vector<AccountId> accounts_;
    std::unordered_map<AccountId, std::string> wake_urls_;

    std::vector<Statement> pending_;  // of the next commit
    uint64_t last_commit_ = 0;        // handed to the store
    uint64_t durable_ = 0;
    std::deque<Held> held_;
};

}  // namespace crosspoint::app
