#include "io/media_thread.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/verify.h"
#include "io/event_loop.h"

namespace crosspoint::io {
namespace {

// A worker that is kept busy by its socket alone would never look at its mail and timers.
constexpr int kBatchesPerTurn = 16;

}  // namespace

MediaThread::MediaThread(uint16_t port, Random& random, OnEvents on_events)
    : socket_(port), worker_(random), on_events_(std::move(on_events)) {
    wake_descriptor_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    VERIFY(wake_descriptor_ >= 0);
}

MediaThread::~MediaThread() {
    stopping_ = true;
    wake();
    if (thread_.joinable()) thread_.join();
    close(wake_descriptor_);
}

void MediaThread::start() {
    thread_ = std::thread([this] { run(); });
}

void MediaThread::wake() const {
    const uint64_t one = 1;
    // The counter can only refuse when it is set already, and then the thread is awake.
    [[maybe_unused]] const ssize_t written = write(wake_descriptor_, &one, sizeof one);
}

void MediaThread::command(sfu::Command command) {
    if (commands_.put(std::move(command))) wake();
}

WorkerReport MediaThread::report() const {
    const std::lock_guard lock(report_mutex_);
    return report_;
}

void MediaThread::run() {
    while (!stopping_) {
        wait();
        take_mail();
        receive();
        handle_timeout();
        deliver();
    }
}

void MediaThread::take_mail() {
    uint64_t count = 0;
    // Before the box is emptied: whoever puts something in afterwards wakes us again.
    [[maybe_unused]] const ssize_t drained = read(wake_descriptor_, &count, sizeof count);
    commands_.take(arrived_commands_);
    if (arrived_commands_.empty()) return;
    const Timestamp now = read_clock().mono;
    for (const sfu::Command& command : arrived_commands_) worker_.handle_command(now, command, output_);
    note(now);
}

void MediaThread::receive() {
    for (int batch = 0; batch < kBatchesPerTurn && socket_.receive(); ++batch) {
        const Timestamp now = read_clock().mono;
        for (const ReceivedDatagram& datagram : socket_.received())
            worker_.handle_datagram(now, datagram.from, datagram.data, output_);
        // What one receive batch produced leaves together.
        deliver();
        note(now);
    }
}

void MediaThread::handle_timeout() {
    const Timestamp now = read_clock().mono;
    if (worker_.next_timeout() <= now) {
        worker_.handle_timeout(now, output_);
        note(now);
    }
    if (report_due_ <= now) publish_report();
}

void MediaThread::publish_report() {
    report_due_ = kNever;
    const WorkerReport report{worker_.load(), worker_.counters(), worker_.link_counters(), socket_.losses()};
    const std::lock_guard lock(report_mutex_);
    report_ = report;
}

void MediaThread::deliver() {
    socket_.send(output_.batch);
    output_.batch.clear();
    if (output_.events.empty()) return;
    on_events_(std::move(output_.events));
    output_.events.clear();
}

void MediaThread::wait() const {
    std::array<pollfd, 2> watched{{{socket_.descriptor(), POLLIN, 0}, {wake_descriptor_, POLLIN, 0}}};
    timespec timeout{3600, 0};
    if (const Timestamp next = std::min(worker_.next_timeout(), report_due_); next != kNever) {
        const Duration left = std::clamp<Duration>(next - read_clock().mono, Duration{}, 1h);
        timeout = {left / 1s, (left % 1s).count() * 1000};
    }
    ppoll(watched.data(), watched.size(), &timeout, nullptr);
}

}  // namespace crosspoint::io
