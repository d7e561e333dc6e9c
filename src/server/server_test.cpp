#include "server/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <future>
#include <thread>

#include "base/encoding.h"
#include "base/verify.h"
#include "io/test_client.h"
#include "io/udp_socket.h"
#include "store/database.h"

namespace crosspoint::server {
namespace {

using io::TestClient;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// A TCP port that is taken.
class Listener {
public:
    Listener() : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        VERIFY(descriptor_ >= 0);
        io::SocketAddress address;
        socklen_t length = io::to_kernel(NetAddress::v4(127, 0, 0, 1, 0), false, address);
        EXPECT_EQ(bind(descriptor_, &address.any, length), 0);
        EXPECT_EQ(listen(descriptor_, 1), 0);
        getsockname(descriptor_, &address.any, &length);
        port_ = io::from_kernel(address.any).port;
    }
    ~Listener() { close(descriptor_); }
    uint16_t port() const { return port_; }

private:
    int descriptor_;
    uint16_t port_ = 0;
};

/// A server in this process, on ports that the system chooses, on a store that outlives it.
class ServerTest : public testing::Test {
protected:
    ServerTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "crosspoint-server-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        options_.config.http.listen = NetAddress::v4(127, 0, 0, 1, 0);
        options_.config.media.port = 0;
        options_.config.media.announce_loopback = true;
        options_.config.store.path = folder_ / "crosspoint.db";
        options_.config.webhooks.allow_private_addresses = true;
        // Of "secret", with a cost that tests can afford.
        options_.config.accounts = {
            {AccountId("acme"),
             "",
             {{"alice", "scrypt$4$8$1$MDEyMzQ1Njc4OWFiY2RlZg$gEeb_KeWbm5g-kBQOFr1yJbkjBxxxDOkhSmrSXFFwOg"}}}};
    }
    ~ServerTest() override {
        if (thread_.joinable()) stop();
        std::filesystem::remove_all(folder_);
    }

    void start() {
        std::promise<std::string> ready;
        thread_ = std::thread([this, &ready] {
            status_ = serve(options_, [&](const Addresses& addresses) { ready.set_value(addresses.http); });
        });
        const std::string url = ready.get_future().get();
        port_ = static_cast<uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
        // Its signal handler is there when its loop runs.
        EXPECT_THAT(get("/readyz"), EndsWith("ready\n"));
    }
    /// Ends it as an operator does. Gives the exit status.
    int stop() {
        kill(getpid(), SIGTERM);
        return wait();
    }
    int wait() {
        thread_.join();
        return status_;
    }
    /// Serves nothing, since it cannot: gives the exit status.
    int start_in_vain() {
        return serve(options_, [](const Addresses&) { FAIL() << "it serves"; });
    }

    std::string get(const std::string& target) const {
        return TestClient(port_).ask("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    std::string rest(std::string_view method, const std::string& path, std::string_view body = "",
                     std::string_view credentials = "alice:secret") const {
        return TestClient(port_).ask(std::string(method) + " /v1/accounts/acme/" + path +
                                     " HTTP/1.1\r\nHost: x\r\nAuthorization: Basic " + base64(as_bytes(credentials)) +
                                     "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                                     std::string(body));
    }
    static std::string member(const std::string& answer, std::string_view name) {
        const std::string key = "\"" + std::string(name) + "\":\"";
        const size_t at = answer.find(key);
        EXPECT_NE(at, std::string::npos) << answer;
        if (at == std::string::npos) return {};
        const size_t begin = at + key.size();
        return answer.substr(begin, answer.find('"', begin) - begin);
    }
    std::string metric(const std::string& name) const {
        const std::string all = get("/metrics");
        const size_t at = all.find("\n" + name + " ");
        if (at == std::string::npos) return {};
        const size_t begin = at + name.size() + 2;
        return all.substr(begin, all.find('\n', begin) - begin);
    }
    /// A device that has said what it must say first.
    std::unique_ptr<TestClient> device(const std::string& token) const {
        auto client = std::make_unique<TestClient>(port_);
        EXPECT_THAT(client->open_socket("/v3/?client=browser&uniqueId=1&token=" + token), StartsWith("HTTP/1.1 101 "));
        client->send_frame(1,
                           R"({"jsonrpc":"2.0","method":"setMediaPreferences","params":{"protocol":"WEBRTC"},"id":1})");
        EXPECT_THAT(client->read_frame().payload, HasSubstr(R"("id":1)"));
        return client;
    }

    std::filesystem::path folder_;
    ServeOptions options_;
    std::thread thread_;
    uint16_t port_ = 0;
    int status_ = -1;
};

TEST_F(ServerTest, AnswersAndRemembers) {
    start();
    const std::string made = rest("POST", "sessions", R"({"tag":"room"})");
    EXPECT_THAT(made, StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(rest("POST", "sessions", "", "alice:wrong"), StartsWith("HTTP/1.1 401 "));
    EXPECT_THAT(get("/healthz"), EndsWith("ok\n"));
    EXPECT_EQ(stop(), 0);
    start();
    EXPECT_THAT(rest("GET", "sessions/" + member(made, "id")), EndsWith(R"("tag":"room"})"));
}

TEST_F(ServerTest, TheBodyMayBeAsLongAsConfigured) {
    options_.config.limits.body_bytes = 2 << 20;
    start();
    EXPECT_THAT(rest("POST", "sessions", R"({"x":")" + std::string(3 << 19, 'x') + "\"}"), StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(rest("POST", "sessions", std::string(3 << 20, ' ')),
                AllOf(StartsWith("HTTP/1.1 413 "), HasSubstr("2097152 bytes"), HasSubstr("requestId")));
}

TEST_F(ServerTest, MetricsShowTheMediaWorker) {
    start();
    EXPECT_EQ(metric("crosspoint_media_datagrams_received_total"), "0");
    EXPECT_EQ(metric("crosspoint_devices_connected"), "0");
    const auto made = rest("POST", "participants", "{}");
    const auto client = device(member(made, "token"));
    EXPECT_EQ(metric("crosspoint_devices_connected"), "1");
}

TEST_F(ServerTest, TellsItsDevicesToComeBackWhenItStops) {
    start();
    const auto client = device(member(rest("POST", "participants", "{}"), "token"));
    TestClient idle(port_);
    kill(getpid(), SIGTERM);
    const auto close = client->read_frame();
    EXPECT_EQ(close.close_code(), 1012);
    client->send_frame(8, close.payload.substr(0, 2));
    EXPECT_EQ(client->read_all(), "");
    ::shutdown(client->descriptor(), SHUT_RDWR);
    EXPECT_EQ(wait(), 0);
    EXPECT_EQ(idle.read_all(), "");
}

TEST_F(ServerTest, AClientThatIgnoresTheCloseDelaysTheStopLessThanFiveSeconds) {
    start();
    const auto client = device(member(rest("POST", "participants", "{}"), "token"));
    const auto asked = std::chrono::steady_clock::now();
    EXPECT_EQ(stop(), 0);
    EXPECT_LT(std::chrono::steady_clock::now() - asked, 5s);
}

TEST_F(ServerTest, StopsAtOnceWhenAskedTwice) {
    start();
    const auto client = device(member(rest("POST", "participants", "{}"), "token"));
    kill(getpid(), SIGTERM);
    EXPECT_EQ(client->read_frame().close_code(), 1012);
    const auto asked = std::chrono::steady_clock::now();
    EXPECT_EQ(stop(), 0);
    EXPECT_LT(std::chrono::steady_clock::now() - asked, 2s);
}

TEST_F(ServerTest, APortInUseIsFoundOutBeforeTheStoreIsOpened) {
    for (const bool media : {false, true}) {
        const io::UdpSocket udp(0);
        const Listener tcp;
        options_.config.http.listen.port = media ? 0 : tcp.port();
        options_.config.media.port = media ? udp.port() : 0;
        testing::internal::CaptureStderr();
        EXPECT_EQ(start_in_vain(), 2);
        const std::string where = media ? "media.port " + std::to_string(udp.port()) + "/udp"
                                        : "http.listen 127.0.0.1:" + std::to_string(tcp.port());
        EXPECT_EQ(testing::internal::GetCapturedStderr(), "crosspoint: " + where + ": Address already in use\n");
        EXPECT_FALSE(std::filesystem::exists(options_.config.store.path));
    }
}

TEST_F(ServerTest, AStoreInUseIsRefused) {
    const store::Database other(options_.config.store.path, {});
    testing::internal::CaptureStderr();
    EXPECT_EQ(start_in_vain(), 2);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), StartsWith("crosspoint: "));
}

TEST_F(ServerTest, AFailedCommitEndsItWithStatusOne) {
    start();
    rest("POST", "sessions");
    // As somebody's mistake would do it, behind the server's back.
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(options_.config.store.path.c_str(), &other), SQLITE_OK);
    sqlite3_busy_timeout(other, 10'000);
    EXPECT_EQ(sqlite3_exec(other, "DROP TABLE sessions", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(other);
    TestClient unanswered(port_);
    unanswered.send("POST /v1/accounts/acme/sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Basic " +
                    base64(as_bytes("alice:secret")) + "\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(wait(), 1);
    EXPECT_EQ(unanswered.read_all(), "") << "what is not stored is not acknowledged";
}

}  // namespace
}  // namespace crosspoint::server
