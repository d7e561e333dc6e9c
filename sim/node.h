#pragma once
#include <memory>
#include <string>

#include "app/control_plane.h"
#include "network.h"
#include "sfu/worker.h"
#include "store/database.h"

namespace crosspoint::sim {

inline const NetAddress kServerAddress = NetAddress::v4(192, 0, 2, 1, 40000);

struct NodeOptions {
    Duration commit_delay = 1ms;
    bool real_dtls = false;
    bool enforce_permissions = true;
    chains::Settings people{};
};

/// Who is told what a node says to the world.
class NodeListener {
public:
    virtual ~NodeListener() = default;
    virtual void responded(const api::Respond& answer) = 0;
    virtual void sent_text(SocketId socket, const std::string& text) = 0;
    virtual void closed_socket(SocketId socket, uint16_t code) = 0;
    virtual void posted(const api::PostWebhook& webhook) = 0;
};

/// One server process with its control thread, media thread and store thread, and the disk that outlives it.
class Node {
public:
    static constexpr std::string_view kAccount = "9900000";
    /// Where the account is asked to wake devices (jsapi PRO-2).
    static constexpr std::string_view kWakeUrl = "https://app.example/wake";
    /// Value of the Authorization header of the account's only user.
    static std::string authorization();

    Node(Schedule& schedule, Network& network, Trace& trace, NodeListener& listener, NodeOptions options,
         uint64_t seed);
    ~Node();

    /// Begins a process on what the disk holds.
    void start();
    /// kill -9: whatever is not on the disk is gone. A commit that was being written may be on it or not.
    void kill();
    bool running() const { return process_ != nullptr; }
    NodeOptions& options() { return options_; }

    /// Nothing happens while no process runs.
    void handle(app::Input input);

    sfu::Load load() const;
    sfu::Counters counters() const;
    app::ControlPlaneCounts control_counts() const;
    /// Null while no process runs.
    const api::jsapi::Hub* people() const;
    bool settled() const;
    /// How many rows are on the disk of "sessions", "participants", "devices", "callbacks", "connections",
    /// "call_sessions", "call_seats", "busy_users" or "busy_chains".
    size_t stored(std::string_view table) const;
    /// Whether a session or participant with that id is on the disk.
    bool has_stored(std::string_view id) const;
    /// Ids of the "sessions" or "participants" on the disk that have this tag.
    std::vector<std::string> tagged(std::string_view table, std::string_view tag) const;
    /// Counts the processes there were.
    uint64_t process_number() const { return processes_; }

private:
    struct Process;
    struct Written {
        uint64_t number = 0;
        std::vector<Statement> statements;
    };

    app::ControlPlaneSettings settings();
    void carry_out(app::Output& output);
    void carry_out(api::Effect& effect);
    void write(app::Commit commit);
    void command(const sfu::Command& command);
    void flush_worker();
    void check_calls() const;
    void wake_control();
    void wake_worker();
    template <class Work>
    void later(Duration delay, Work work);

    Schedule& schedule_;
    Network& network_;
    Trace& trace_;
    NodeListener& listener_;
    NodeOptions options_;
    SeededRandom random_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<Process> process_;
    uint64_t processes_ = 0;
    std::optional<Written> being_written_;
};

}  // namespace crosspoint::sim
