#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <filesystem>

#include "base/verify.h"
#include "crypto/openssl_certificate.h"
#include "io/test_client.h"
#include "io/test_server.h"

namespace crosspoint::io {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// A certificate and its key as an operator has them: two PEM files, gone afterwards.
class TlsTest : public testing::Test {
protected:
    TlsTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "crosspoint-tls-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        const auto certificate =
            std::static_pointer_cast<const crypto::OpensslCertificate>(crypto::make_certificate(read_clock().wall));
        FILE* file = std::fopen(path("cert.pem").c_str(), "w");
        VERIFY(file);
        PEM_write_X509(file, certificate->x509());
        std::fclose(file);
        file = std::fopen(path("key.pem").c_str(), "w");
        VERIFY(file);
        PEM_write_PrivateKey(file, certificate->key(), nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(file);
    }
    ~TlsTest() override { std::filesystem::remove_all(folder_); }
    std::string path(const char* name) const { return folder_ / name; }
    HttpServerOptions options() const {
        HttpServerOptions options;
        options.tls_certificate = path("cert.pem");
        options.tls_key = path("key.pem");
        return options;
    }

    std::filesystem::path folder_;
};

TEST_F(TlsTest, CarriesRequestsAndEndsProperly) {
    TestServer server(options());
    TestClient client(server.port(), true);
    ASSERT_TRUE(client.secure());
    const std::string answer = client.ask("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("X-Tls: yes"));
    client.send("GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(client.read_all(), EndsWith("GET /b "));
    EXPECT_TRUE(client.at_end()) << "close_notify: nobody has cut the answer off";
}

TEST_F(TlsTest, CarriesWebSockets) {
    TestServer server(options());
    TestClient client(server.port(), true);
    EXPECT_THAT(client.open_socket(), StartsWith("HTTP/1.1 101 "));
    EXPECT_EQ(server.next(), "opened 1 /v3/");
    client.send_frame(1, "hello");
    EXPECT_EQ(server.next(), "text 1 hello");
    const std::string large(300'000, 'x');
    server.send(1, large);
    server.close(1, 1012);
    EXPECT_EQ(client.read_frame().payload, large);
    const auto close = client.read_frame();
    EXPECT_EQ(close.close_code(), 1012);
    client.send_frame(8, close.payload);
    ::shutdown(client.descriptor(), SHUT_RDWR);
    EXPECT_EQ(server.next(), "closed 1 1012");
}

TEST_F(TlsTest, WhoSpeaksNoTlsGetsNothing) {
    TestServer server(options());
    TestClient client(server.port());
    client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.read_all(), testing::Not(HasSubstr("HTTP/1.1")));
    EXPECT_TRUE(TestClient(server.port(), true).secure()) << "and nobody else notices";
}

TEST_F(TlsTest, NamesTheFileThatIsOfNoUse) {
    const auto failure = [](const HttpServerOptions& wrong) -> std::string {
        try {
            TestServer server(wrong);
            return "";
        } catch (const std::runtime_error& failed) {
            return failed.what();
        }
    };
    HttpServerOptions missing = options();
    missing.tls_certificate = path("nothing.pem");
    EXPECT_THAT(failure(missing), StartsWith("http.tls_certificate " + missing.tls_certificate + ": "));
    HttpServerOptions swapped = options();
    swapped.tls_key = path("cert.pem");
    EXPECT_THAT(failure(swapped), StartsWith("http.tls_key " + swapped.tls_key + ": "));
}

}  // namespace
}  // namespace crosspoint::io
