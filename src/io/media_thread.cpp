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

void MediaThread::report_to(OnReport receiver) {
    if (report_requests_.put(std::move(receiver))) wake();
}

void MediaThread::run() {
    while (!stopping_) {
        wait();
        take_mail();
        receive();
        const Timestamp now = read_clock().mono;
        if (worker_.next_timeout() <= now) worker_.handle_timeout(now, output_);
        deliver();
    }
}

void MediaThread::take_mail() {
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t drained = read(wake_descriptor_, &count, sizeof count);
    const Timestamp now = read_clock().mono;
    commands_.take(arrived_commands_);
    for (const sfu::Command& command : arrived_commands_) worker_.handle_command(now, command, output_);
    report_requests_.take(arrived_requests_);
    for (const OnReport& receiver : arrived_requests_) receiver({worker_.load(), worker_.counters()});
}

void MediaThread::receive() {
    for (int batch = 0; batch < kBatchesPerTurn; ++batch) {
        const std::span<ReceivedDatagram> datagrams = socket_.receive();
        if (datagrams.empty()) return;
        const Timestamp now = read_clock().mono;
        for (const ReceivedDatagram& datagram : datagrams)
            worker_.handle_datagram(now, datagram.from, datagram.data, output_);
        // What one receive batch produced leaves together.
        deliver();
    }
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
    if (const Timestamp next = worker_.next_timeout(); next != kNever) {
        const Duration left = std::clamp<Duration>(next - read_clock().mono, Duration{}, 1h);
        timeout = {left / 1s, (left % 1s).count() * 1000};
    }
    ppoll(watched.data(), watched.size(), &timeout, nullptr);
}

}  // namespace crosspoint::io
