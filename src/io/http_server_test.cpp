#include "io/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/test_client.h"
#include "io/test_server.h"
#include "io/test_wait.h"

namespace crosspoint::io {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kGet = "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n";

std::string post(std::string_view body, std::string_view headers = "") {
    return "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string(headers) + "\r\n" + std::string(body);
}

/// The documented error body, and the connection closed after it so that the client reads it.
void expect_refusal(TestClient& client, std::string_view status) {
    const std::string all = client.read_all();
    EXPECT_THAT(all, StartsWith("HTTP/1.1 " + std::string(status)));
    EXPECT_THAT(all, AllOf(HasSubstr("Connection: close"), HasSubstr(R"({"error":")"), HasSubstr(R"("requestId":")")));
    EXPECT_TRUE(client.at_end()) << "closed, not reset";
}

TEST(HttpServer, AnswersOnOneConnectionOneAfterTheOther) {
    TestServer server;
    TestClient client(server.port());
    const std::string first = client.ask(kGet);
    EXPECT_THAT(first, AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nGET /a?b ")));
    EXPECT_THAT(first,
                testing::ContainsRegex("Date: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT\r\n"));
    EXPECT_THAT(client.ask(post("body")), EndsWith("POST /p body"));
    const std::string empty = client.ask("DELETE /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(empty, AllOf(StartsWith("HTTP/1.1 204 "), Not(HasSubstr("Content-Length"))));
    EXPECT_EQ(server.call([](HttpServer& one) { return one.connections(); }), 1u);
}

TEST(HttpServer, AnswersPipelinedRequestsInTheirOrder) {
    TestServer server;
    TestClient client(server.port());
    client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n" + post("2") + post("3"));
    server.answer_later({200, {}, "first"});
    EXPECT_THAT(client.read_response(), EndsWith("first"));
    EXPECT_THAT(client.read_response(), EndsWith("POST /p 2"));
    EXPECT_THAT(client.read_response(), EndsWith("POST /p 3"));
}

TEST(HttpServer, HeadIsGetWithoutTheContent) {
    TestServer server;
    TestClient client(server.port());
    client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.read_response(false), HasSubstr("Content-Length: 8\r\n"));
    EXPECT_THAT(client.ask(kGet), StartsWith("HTTP/1.1 200 ")) << "no byte too many before it";
}

TEST(HttpServer, EndsTheConnectionWhereTheClientWantsThat) {
    TestServer server;
    for (const char* request : {"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET /a HTTP/1.0\r\n\r\n"}) {
        TestClient client(server.port());
        client.send(request);
        EXPECT_THAT(client.read_all(), EndsWith("GET /a "));
        EXPECT_TRUE(client.at_end());
    }
}

TEST(HttpServer, TakesAbsoluteTargetsAndChunkedBodies) {
    TestServer server;
    TestClient client(server.port());
    EXPECT_THAT(client.ask("GET http://host:80/a?b HTTP/1.1\r\nHost: x\r\n\r\n"), EndsWith("GET /a?b "));
    EXPECT_THAT(client.ask("GET HTTPS://host HTTP/1.1\r\nHost: x\r\n\r\n"), EndsWith("GET / "));
    EXPECT_THAT(
        client.ask("POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"),
        EndsWith("POST /p abc"));
}

TEST(HttpServer, TellsWhoAsksToGoOn) {
    TestServer server;
    TestClient client(server.port());
    client.send("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_THAT(client.ask("body"), EndsWith("POST /p body"));
    client.send("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n");
    expect_refusal(client, "413");
}

TEST(HttpServer, RefusesWhatIsNoRequest) {
    TestServer server;
    const std::pair<const char*, std::string> cases[] = {
        {"400", "\x16\x03\x01\x02: TLS on the plain port\r\n\r\n"},
        {"400", "GET\r\n\r\n"},
        {"400", "GET /a HTTP/7.0\r\nHost: x\r\n\r\n"},
        {"400", "GET /a HTTP/1.1\r\n\r\n"},
        {"400", "GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"},
        {"400", "GET /a HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n"},
        {"400", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"},
        {"400", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"},
        {"400", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {"400", "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
        {"417", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: miracles\r\n\r\na"},
    };
    for (const auto& [status, request] : cases) {
        SCOPED_TRACE(request);
        TestClient client(server.port());
        client.send(request);
        expect_refusal(client, status);
    }
}

TEST(HttpServer, RefusesWhatIsTooLarge) {
    TestServer server({.max_body = 1000});
    {
        TestClient client(server.port());
        client.send(post(std::string(1000, 'x')));
        EXPECT_THAT(client.read_response(), StartsWith("HTTP/1.1 200 "));
        client.send(post(std::string(100'000, 'x')));
        expect_refusal(client, "413");
    }
    {
        TestClient client(server.port());
        client.send("POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string("fff\r\n") +
                    std::string(4095, 'x') + "\r\n0\r\n\r\n");
        expect_refusal(client, "413");
    }
    {
        TestClient client(server.port());
        client.send("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n");
        expect_refusal(client, "431");
    }
    {
        std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
        for (int i = 0; i < 5000; ++i) many += "A: b\r\n";
        TestClient client(server.port());
        client.send(many + "\r\n");
        expect_refusal(client, "431");
    }
}

TEST(HttpServer, DropsWhoIsTooSlow) {
    TestServer server({.timeouts = {.idle = 300ms, .header = 100ms, .body = 100ms}});
    TestClient idle(server.port());
    TestClient in_header(server.port());
    in_header.send("GET /a HTTP/1.1\r\nHo");
    TestClient in_body(server.port());
    in_body.send("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nb");
    for (TestClient* one : {&in_header, &in_body, &idle}) {
        EXPECT_EQ(one->read_all(), "");
        EXPECT_TRUE(one->at_end());
    }
    EXPECT_TRUE(happens([&] { return server.call([](HttpServer& one) { return one.connections(); }) == 0; }));
}

TEST(HttpServer, SlowTricklesDoNotRenewTheDeadline) {
    TestServer server({.timeouts = {.header = 200ms}});
    TestClient client(server.port());
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_TRUE(happens([&] { return !client.send("X") || std::chrono::steady_clock::now() - begun > 10s; }));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

TEST(HttpServer, TellsWhoIsOneTooMany) {
    TestServer server({.max_connections = 1});
    TestClient first(server.port());
    EXPECT_THAT(first.ask(kGet), StartsWith("HTTP/1.1 200 "));
    TestClient second(server.port());
    second.send(kGet);
    expect_refusal(second, "503");
    EXPECT_THAT(first.ask(kGet), StartsWith("HTTP/1.1 200 "));
    first.send_end();
    first.read_all();
    EXPECT_TRUE(happens([&] { return TestClient(server.port()).ask(kGet).starts_with("HTTP/1.1 200 "); }));
}

TEST(HttpServer, AClientThatLeavesBeforeItsAnswerHarmsNobody) {
    TestServer server;
    { TestClient(server.port()).send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n"); }
    server.answer_later({200, {}, std::string(1 << 20, 'x')});
    EXPECT_TRUE(happens([&] { return server.call([](HttpServer& one) { return one.connections(); }) == 0; }));
    EXPECT_TRUE(server.call([](HttpServer& one) { return one.drained(); }));
}

TEST(HttpServer, AnswersWhatHasComeWhenItStopsAndTakesNothingNew) {
    TestServer server;
    TestClient client(server.port());
    client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string later = server.next();
    server.call([&](HttpServer& one) { return one.stop_accepting(), 0; });
    EXPECT_FALSE(server.call([](HttpServer& one) { return one.drained(); }));
    server.call(
        [&](HttpServer& one) { return one.respond({RequestId{std::stoull(later.substr(6))}, {200, {}, "bye"}}), 0; });
    EXPECT_THAT(client.read_all(), AllOf(HasSubstr("Connection: close"), EndsWith("bye")));
    EXPECT_TRUE(happens([&] { return server.call([](HttpServer& one) { return one.drained(); }); }));
}

TEST(HttpServer, NamesThePortThatIsTaken) {
    const TestServer first;
    EventLoop loop;
    HttpServer second(loop, {.listen = NetAddress::v4(127, 0, 0, 1, first.port())}, {});
    try {
        second.start();
        FAIL();
    } catch (const std::runtime_error& failed) {
        EXPECT_EQ(failed.what(), "http.listen 127.0.0.1:" + std::to_string(first.port()) + ": Address already in use");
    }
}

// ---- WebSockets

constexpr uint8_t kText = 1;
constexpr uint8_t kBinary = 2;
constexpr uint8_t kClose = 8;
constexpr uint8_t kPing = 9;
constexpr uint8_t kPong = 10;
const std::string kCode1000 = "\x03\xe8";

TEST(WebSocket, CarriesTextBothWaysAndEchoesTheClose) {
    TestServer server;
    TestClient client(server.port());
    EXPECT_THAT(client.open_socket("/v3/?token=t"),
                AllOf(StartsWith("HTTP/1.1 101 "), HasSubstr("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")));
    EXPECT_EQ(server.next(), "opened 1 /v3/?token=t");
    client.send_frame(kText, "hello");
    EXPECT_EQ(server.next(), "text 1 hello");
    const std::string large(200'000, 'x');
    server.send(1, large);
    server.send(1, "last");
    EXPECT_EQ(client.read_frame().payload, large);
    EXPECT_EQ(client.read_frame().payload, "last");
    client.send_frame(kPing, "?");
    const auto pong = client.read_frame();
    EXPECT_EQ(pong.opcode, kPong);
    EXPECT_EQ(pong.payload, "?");
    client.send_frame(kClose, kCode1000);
    EXPECT_EQ(client.read_frame().close_code(), 1000);
    EXPECT_EQ(client.read_all(), "");
    EXPECT_TRUE(client.at_end()) << "the server ends TCP first";
    ::shutdown(client.descriptor(), SHUT_RDWR);
    EXPECT_EQ(server.next(), "closed 1 1000");
}

TEST(WebSocket, OpensOnEveryFormOfItsPath) {
    TestServer server;
    for (const char* target : {"/v3", "/v3/", "//v3/?x", "/v3?x", "http://x/v3/"}) {
        TestClient client(server.port());
        EXPECT_THAT(client.open_socket(target), StartsWith("HTTP/1.1 101 ")) << target;
    }
}

TEST(WebSocket, NamesTheSubprotocolToWhoOffersIt) {
    TestServer server({.subprotocols = {{"/v3", "jsapi.v1", 16}}});
    const std::string upgrade =
        "GET /v3/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    TestClient offers(server.port());
    const std::string answer = offers.ask(upgrade + "Sec-WebSocket-Protocol: chat, jsapi.v1\r\n\r\n");
    EXPECT_NE(answer.find("Sec-WebSocket-Protocol: jsapi.v1\r\n"), std::string::npos) << answer;
    TestClient offers_another(server.port());
    const std::string other = offers_another.ask(upgrade + "Sec-WebSocket-Protocol: chat\r\n\r\n");
    EXPECT_THAT(other, StartsWith("HTTP/1.1 101 "));
    EXPECT_EQ(other.find("Sec-WebSocket-Protocol"), std::string::npos) << other;
}

TEST(WebSocket, ASubprotocolHasLimitsOfItsOwn) {
    TestServer server({.subprotocols = {{.path = "/v3", .name = "p", .max_message = 16, .too_large = 4413}}});
    TestClient client(server.port());
    client.open_socket();
    server.next();
    client.send_frame(kText, std::string(16, 'x'));
    EXPECT_EQ(server.next(), "text 1 " + std::string(16, 'x'));
    // A browser takes the code only when all that it has sent is taken.
    for (int i = 0; i < 10; ++i) client.send_frame(kText, std::string(1 << 20, 'x'));
    const auto close = client.read_frame();
    EXPECT_EQ(close.opcode, kClose);
    EXPECT_EQ(close.close_code(), 4413);
    client.send_frame(kClose, close.payload.substr(0, 2));
    EXPECT_EQ(server.next(), "closed 1 4413");
}

TEST(WebSocket, ASubprotocolHasItsOwnBoundForSlowReaders) {
    TestServer server({.subprotocols = {{.path = "/v3", .name = "p", .max_unsent = 100'000}}});
    TestClient client(server.port());
    client.open_socket();
    server.next();
    server.send(1, std::string(100'001, 'x'));
    EXPECT_EQ(server.next(), "closed 1 1006");
}

TEST(WebSocket, RefusesOtherPathsAndBadUpgrades) {
    TestServer server;
    {
        TestClient client(server.port());
        EXPECT_THAT(client.open_socket("/v4"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("GET /v4 ")))
            << "an ordinary request";
    }
    {
        TestClient client(server.port());
        client.send("GET /v3/ HTTP/1.1\r\nHost: x\r\n\r\n");
        expect_refusal(client, "426");
    }
    {
        TestClient client(server.port());
        EXPECT_THAT(client.open_socket("/v3/?refused"), AllOf(StartsWith("HTTP/1.1 429 "), EndsWith("refused")));
        EXPECT_EQ(client.read_all(), "");
        EXPECT_TRUE(client.at_end());
    }
    const std::string upgrade = "GET /v3/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const std::pair<const char*, std::string> cases[] = {
        {"400", upgrade + "Sec-WebSocket-Version: 13\r\n\r\n"},
        {"426", upgrade + key + "Sec-WebSocket-Version: 8\r\n\r\n"},
        {"400", upgrade + key + "Sec-WebSocket-Version: 13\r\n\r\n" + TestClient::frame_header(kText, 0)},
    };
    for (const auto& [status, request] : cases) {
        SCOPED_TRACE(request);
        TestClient client(server.port());
        client.send(request);
        EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 " + std::string(status)));
    }
    server.call([](HttpServer& one) { return one.stop_accepting(), 0; });
    EXPECT_TRUE(server.call([](HttpServer& one) { return one.drained(); }));
}

TEST(WebSocket, ClosesWithTheCodeThatTheServerWantsAfterWhatItHasSaid) {
    TestServer server;
    TestClient client(server.port());
    client.open_socket();
    server.next();
    server.send(1, "one");
    server.close(1, 1012, "the server restarts");
    server.close(1, 1000, "too late");
    server.send(1, "too late");
    EXPECT_EQ(client.read_frame().payload, "one");
    const auto close = client.read_frame();
    EXPECT_EQ(close.close_code(), 1012);
    EXPECT_EQ(close.payload.substr(2), "the server restarts");
    client.send_frame(kText, "nobody listens any more");
    client.send_frame(kClose, close.payload.substr(0, 2));
    EXPECT_EQ(client.read_all(), "");
    EXPECT_TRUE(client.at_end());
    ::shutdown(client.descriptor(), SHUT_RDWR);
    EXPECT_EQ(server.next(), "closed 1 1012");
}

TEST(WebSocket, CutsAReasonThatIsTooLongBetweenCharacters) {
    TestServer server;
    TestClient client(server.port());
    client.open_socket();
    server.next();
    std::string reason = "x";
    for (int i = 0; i < 100; ++i) reason += "ä";
    server.close(1, 1000, reason);
    EXPECT_EQ(client.read_frame().payload.substr(2), reason.substr(0, 123));
}

TEST(WebSocket, ClosesForWhatIsNotAllowed) {
    TestServer server({.max_message = 1000});
    struct Case {
        uint16_t code;
        std::string frame;
    };
    const Case cases[] = {
        {1003, TestClient::frame_header(kBinary, 1) + "x"},
        {1009, TestClient::frame_header(kText, 1001) + std::string(1001, 'x')},
        {1009, TestClient::frame_header(kText, uint64_t{1} << 40) + std::string(1001, 'x')},
        {1007, TestClient::frame_header(kText, 2) + "\xc3\x28"},
        {1002, TestClient::frame_header(kText, 1, false) + "x"},
        {1002, TestClient::frame_header(7, 0)},
    };
    for (const auto& one : cases) {
        TestClient client(server.port());
        client.open_socket();
        EXPECT_THAT(server.next(), StartsWith("opened "));
        client.send(one.frame);
        const auto close = client.read_frame();
        EXPECT_EQ(close.opcode, kClose);
        EXPECT_EQ(close.close_code(), one.code);
        client.send_frame(kClose, close.payload.substr(0, 2));
        ::shutdown(client.descriptor(), SHUT_RDWR);
        EXPECT_THAT(server.next(), StartsWith("closed "));
    }
}

TEST(WebSocket, ALostConnectionIsReported) {
    TestServer server;
    {
        TestClient client(server.port());
        client.open_socket();
        server.next();
    }
    EXPECT_EQ(server.next(), "closed 1 1006");
    server.send(1, "nobody is there");
    server.close(1, 1000);
    EXPECT_TRUE(server.call([](HttpServer& one) { return one.drained(); }));
}

TEST(WebSocket, DropsWhoLeavesTooMuchUnread) {
    TestServer server({.max_unsent = 1 << 20});
    TestClient client(server.port());
    client.open_socket();
    server.next();
    // More than the kernel takes for a peer that does not read.
    for (int i = 0; i < 100; ++i) server.send(1, std::string(200'000, 'x'));
    EXPECT_EQ(server.next(), "closed 1 1006");
}

TEST(WebSocket, DropsWhoTakesNothingAlsoWhenItIsAlive) {
    TestServer server({.max_unsent = size_t{64} << 20, .timeouts = {.message_write = 200ms}});
    TestClient client(server.port());
    client.open_socket();
    server.next();
    for (int i = 0; i < 100; ++i) server.send(1, std::string(200'000, 'x'));
    server.close(1, 1000);
    client.send_frame(kPing, "");
    EXPECT_EQ(server.next(), "closed 1 1006");
}

TEST(WebSocket, DropsWhoGoesOnWronglyInsteadOfClosing) {
    TestServer server({.timeouts = {.message_close = 200ms}});
    const std::string half_a_text = TestClient::frame_header(kText, 4) + "x";
    struct Case {
        std::string before;  // the server closes
        std::string after;
    };
    const Case cases[] = {
        {"", ""},
        {"", TestClient::frame_header(kText, 2) + "\xc3\x28"},
        {"", TestClient::frame_header(7, 0)},
        {half_a_text, ""},
        {half_a_text, "\xc3\x28y"},
    };
    for (uint64_t id = 1; const auto& one : cases) {
        TestClient client(server.port());
        client.open_socket();
        server.next();
        client.send(TestClient::frame_header(kText, 1) + "a" + one.before);
        server.next();  // half a text may be all that is being read now
        server.close(id, 1000);
        EXPECT_EQ(client.read_frame().opcode, kClose);
        client.send(one.after);
        EXPECT_EQ(server.next(), "closed " + std::to_string(id++) + " 1006");
        EXPECT_EQ(client.read_all(), "");
    }
}

TEST(WebSocket, SurvivesTheServersEndInTheMiddleOfEverything) {
    auto server = std::make_unique<TestServer>();
    TestClient open(server->port());
    open.open_socket();
    TestClient closing(server->port());
    closing.open_socket();
    TestClient waiting(server->port());
    waiting.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    for (int i = 0; i < 3; ++i) server->next();
    server->close(2, 1012);
    server->send(1, std::string(8 << 20, 'x'));
    server.reset();
    EXPECT_EQ(waiting.read_all(), "");
}

}  // namespace
}  // namespace crosspoint::io
