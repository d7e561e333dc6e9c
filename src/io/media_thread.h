#pragma once
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/time.h"
#include "io/mailbox.h"
#include "io/udp_socket.h"
#include "sfu/worker.h"

namespace crosspoint::io {

/// What a worker carries and what it has counted since it started.
struct WorkerReport {
    sfu::Load load;
    sfu::Counters counters;
    rtc::link::Counters links;
    UdpLosses losses;
};

/// One media worker on a thread and a UDP port of its own.
class MediaThread {
public:
    using OnEvents = std::function<void(std::vector<sfu::Event>)>;

    /// Binds the port; throws std::runtime_error. `random` must bear several threads. `on_events` is called on the
    /// media thread.
    MediaThread(uint16_t port, Random& random, OnEvents on_events);
    ~MediaThread();
    MediaThread(const MediaThread&) = delete;
    MediaThread& operator=(const MediaThread&) = delete;

    void start();
    uint16_t port() const { return socket_.port(); }
    /// From any thread, carried out in order.
    void command(sfu::Command command);
    /// As of at most `kReportAge` ago. From any thread, at once.
    WorkerReport report() const;
    static constexpr Duration kReportAge = 200ms;

private:
    void run();
    void take_mail();
    void receive();
    void handle_timeout();
    /// Sends what the worker has put out, hands its events on.
    void deliver();
    /// Something has happened that the next report shall show.
    void note(Timestamp now) { report_due_ = std::min(report_due_, now + kReportAge); }
    void publish_report();
    void wait() const;
    void wake() const;

    UdpSocket socket_;
    sfu::Worker worker_;
    OnEvents on_events_;
    Mailbox<sfu::Command> commands_;
    std::vector<sfu::Command> arrived_commands_;
    sfu::Output output_;
    Timestamp report_due_ = kNever;
    mutable std::mutex report_mutex_;
    WorkerReport report_;
    int wake_descriptor_ = -1;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace crosspoint::io
