#include "io/event_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>

namespace crosspoint::io {

namespace asio = boost::asio;

Now read_clock() {
    using std::chrono::duration_cast;
    const auto mono = std::chrono::steady_clock::now().time_since_epoch();
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    return {Timestamp(duration_cast<Duration>(mono)), WallTime{duration_cast<std::chrono::milliseconds>(wall).count()}};
}

struct EventLoop::Impl {
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    asio::steady_timer timer{context};
    asio::signal_set signals{context};

    void wait_for_signal(std::function<void()> handler) {
        signals.async_wait([this, handler = std::move(handler)](boost::system::error_code failed, int) {
            if (failed) return;
            handler();
            wait_for_signal(handler);
        });
    }
};

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::run() { impl_->context.run(); }
void EventLoop::stop() { impl_->context.stop(); }
void EventLoop::post(std::function<void()> work) { asio::post(impl_->context, std::move(work)); }

void EventLoop::wake_at(Timestamp when, std::function<void()> handler) {
    if (when == kNever) {
        impl_->timer.cancel();
        return;
    }
    impl_->timer.expires_at(std::chrono::steady_clock::time_point(when.time_since_epoch()));
    impl_->timer.async_wait([handler = std::move(handler)](boost::system::error_code cancelled) {
        if (!cancelled) handler();
    });
}

void EventLoop::call_after(Duration wait, std::function<void()> handler) {
    auto timer = std::make_shared<asio::steady_timer>(impl_->context, wait);
    timer->async_wait([timer, handler = std::move(handler)](boost::system::error_code cancelled) {
        if (!cancelled) handler();
    });
}

void EventLoop::on_terminate(std::function<void()> handler) {
    impl_->signals.add(SIGTERM);
    impl_->signals.add(SIGINT);
    impl_->wait_for_signal(std::move(handler));
}

void* EventLoop::native() { return &impl_->context; }

}  // namespace crosspoint::io
