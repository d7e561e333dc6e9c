#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "io/mailbox.h"
#include "io/udp_socket.h"
#include "sfu/worker.h"

namespace crosspoint::io {

/// What a worker carries and what it has counted since it started.
struct WorkerReport {
    sfu::Load load;
    sfu::Counters counters;
};

/// One media worker on a thread and a UDP port of its own.
class MediaThread {
public:
    using OnEvents = std::function<void(std::vector<sfu::Event>)>;
    using OnReport = std::function<void(WorkerReport)>;

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
    /// `receiver` is called on the media thread, soon.
    void report_to(OnReport receiver);

private:
    void run();
    void take_mail();
    void receive();
    /// Sends what the worker has put out, hands its events on.
    void deliver();
    void wait() const;
    void wake() const;

    UdpSocket socket_;
    sfu::Worker worker_;
    OnEvents on_events_;
    Mailbox<sfu::Command> commands_;
    Mailbox<OnReport> report_requests_;
    std::vector<sfu::Command> arrived_commands_;
    std::vector<OnReport> arrived_requests_;
    sfu::Output output_;
    int wake_descriptor_ = -1;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace crosspoint::io
