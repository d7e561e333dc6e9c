#pragma once
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/bytes.h"
#include "io/socket_address.h"

// For tests only: the other end of a TCP connection, byte by byte, so that it can do everything wrong.
namespace crosspoint::io {

/// A blocking connection to a port of this host, with or without TLS. Reading gives up after a generous deadline.
class TestClient {
public:
    explicit TestClient(uint16_t port, bool tls = false) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval deadline{20, 0};
        setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
        SocketAddress address;
        const socklen_t length = to_kernel(NetAddress::v4(127, 0, 0, 1, port), false, address);
        EXPECT_EQ(connect(descriptor_, &address.any, length), 0);
        if (tls) start_tls();
    }
    ~TestClient() {
        SSL_free(ssl_);
        SSL_CTX_free(context_);
        ::close(descriptor_);
    }
    TestClient(const TestClient&) = delete;
    TestClient& operator=(const TestClient&) = delete;

    int descriptor() const { return descriptor_; }
    bool secure() const { return ssl_ != nullptr; }
    bool send(std::string_view text) {
        if (ssl_ != nullptr) return SSL_write(ssl_, text.data(), static_cast<int>(text.size())) > 0;
        for (size_t at = 0; at < text.size();) {
            const ssize_t sent = ::send(descriptor_, text.data() + at, text.size() - at, MSG_NOSIGNAL);
            if (sent <= 0) return false;
            at += static_cast<size_t>(sent);
        }
        return true;
    }
    void send_end() const { shutdown(descriptor_, SHUT_WR); }

    /// Exactly `count` bytes; fewer when the connection ends before.
    std::string read(size_t count) {
        while (buffer_.size() < count && more()) {}
        return take(std::min(count, buffer_.size()));
    }
    /// Up to and with `end`.
    std::string read_until(std::string_view end) {
        size_t at = 0;
        while ((at = buffer_.find(end)) == std::string::npos && more()) {}
        return take(at == std::string::npos ? buffer_.size() : at + end.size());
    }
    /// Everything until the other side closes; `at_end` tells whether it did so properly.
    std::string read_all() {
        while (more()) {}
        return take(buffer_.size());
    }
    bool at_end() const { return at_end_; }

    /// A header and the body that its Content-Length tells of.
    std::string read_response(bool with_body = true) {
        std::string response = read_until("\r\n\r\n");
        const size_t at = response.find("Content-Length: ");
        if (at != std::string::npos && with_body) response += read(std::stoul(response.substr(at + 16)));
        return response;
    }
    std::string ask(std::string_view request) {
        send(request);
        return read_response();
    }

    // WebSocket, RFC 6455 5.2.
    std::string open_socket(std::string_view target = "/v3/") {
        return ask("GET " + std::string(target) +
                   " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                   "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    }
    bool send_frame(uint8_t opcode, std::string_view payload, bool masked = true) {
        return send(frame_header(opcode, payload.size(), masked) + std::string(payload));
    }
    /// With a mask of zeros the payload stays as it is.
    static std::string frame_header(uint8_t opcode, uint64_t length, bool masked = true) {
        std::array<uint8_t, 14> room;
        ByteWriter out(room);
        out.u8(0x80 | opcode);
        const uint8_t mask = masked ? 0x80 : 0;
        if (length < 126) {
            out.u8(static_cast<uint8_t>(mask | length));
        } else if (length <= 0xffff) {
            out.u8(mask | 126);
            out.u16(static_cast<uint16_t>(length));
        } else {
            out.u8(mask | 127);
            out.u64(length);
        }
        if (masked) out.u32(0);
        return std::string(as_text(out.written()));
    }
    struct Frame {
        uint8_t opcode = 0;  // 0 when the connection has ended
        std::string payload;
        uint16_t close_code() const {
            ByteReader in(as_bytes(payload));
            return in.u16();
        }
    };
    Frame read_frame() {
        const std::string start = read(2);
        ByteReader in(as_bytes(start));
        Frame frame{static_cast<uint8_t>(in.u8() & 0xf), {}};
        uint64_t length = in.u8();
        if (length == 126 || length == 127) {
            const std::string longer = read(length == 126 ? 2 : 8);
            ByteReader more(as_bytes(longer));
            length = length == 126 ? more.u16() : more.u64();
        }
        frame.payload = read(length);
        return frame;
    }

private:
    void start_tls() {
        context_ = SSL_CTX_new(TLS_client_method());
        ssl_ = SSL_new(context_);
        SSL_set_fd(ssl_, descriptor_);
        if (SSL_connect(ssl_) == 1) return;
        SSL_free(ssl_);
        ssl_ = nullptr;
    }
    bool more() {
        std::array<char, 16 * 1024> room;
        const ssize_t count = ssl_ != nullptr ? SSL_read(ssl_, room.data(), static_cast<int>(room.size()))
                                              : recv(descriptor_, room.data(), room.size(), 0);
        if (count > 0) buffer_.append(room.data(), static_cast<size_t>(count));
        at_end_ = ssl_ != nullptr ? (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0 : count == 0;
        return count > 0;
    }
    std::string take(size_t count) {
        std::string taken = buffer_.substr(0, count);
        buffer_.erase(0, count);
        return taken;
    }

    int descriptor_;
    SSL_CTX* context_ = nullptr;
    SSL* ssl_ = nullptr;
    std::string buffer_;
    bool at_end_ = false;
};

}  // namespace crosspoint::io
