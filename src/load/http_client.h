#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/net_address.h"

namespace crosspoint::io {
class EventLoop;
}

namespace crosspoint::load {

struct HttpAsk {
    std::string method;
    std::string target;
    std::string body;
    std::string authorization;  // the header's value; empty: none
};
struct HttpAnswer {
    unsigned status = 0;  // 0: there was no answer, and `body` says why
    std::string body;
};

/// HTTP/1.1 over one connection that is kept, without TLS: one request at a time, on the thread of a loop.
class HttpClient {
public:
    HttpClient(io::EventLoop& loop, const NetAddress& server);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Only after the answer to the one before.
    void ask(HttpAsk request, std::function<void(HttpAnswer)> then);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace crosspoint::load
