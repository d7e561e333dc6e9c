#include "io/webhook_client.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "base/verify.h"
#include "io/mailbox.h"
#include "io/socket_address.h"

namespace crosspoint::io {
namespace {

constexpr size_t kMaxDiscarded = 64 * 1024;
constexpr long kMaxConnectionsPerHost = 8;

/// One attempt under way.
struct Attempt {
    api::AttemptId id;
    std::string body;
    curl_slist* headers = nullptr;
    CURL* handle = nullptr;
    bool allow_private = false;
    bool refused = false;
    size_t discarded = 0;

    ~Attempt() {
        curl_slist_free_all(headers);
        if (handle != nullptr) curl_easy_cleanup(handle);
    }
};

/// Called with the address curl is about to connect to, after name resolution.
curl_socket_t open_socket(void* attempt_pointer, curlsocktype, curl_sockaddr* address) {
    auto& attempt = *static_cast<Attempt*>(attempt_pointer);
    if (!attempt.allow_private && is_private(from_kernel(address->addr))) {
        attempt.refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// The body of an answer means nothing to us. A short one is read, so that the connection can be used again; anything
/// longer ends the attempt, whose status is known by then.
size_t discard(char*, size_t size, size_t count, void* attempt_pointer) {
    auto& attempt = *static_cast<Attempt*>(attempt_pointer);
    attempt.discarded += size * count;
    return attempt.discarded > kMaxDiscarded ? 0 : size * count;
}

}  // namespace

bool is_private(const NetAddress& address) {
    const auto& ip = address.ip;
    if (address.is_v4()) {
        const uint8_t a = ip[12];
        const uint8_t b = ip[13];
        const uint8_t c = ip[14];
        return a == 0 || a == 10 || a == 127 || a >= 224 || (a == 100 && b >= 64 && b < 128) ||
               (a == 169 && b == 254) || (a == 172 && b >= 16 && b < 32) || (a == 192 && b == 168) ||
               (a == 192 && b == 0 && (c == 0 || c == 2)) || (a == 192 && b == 88 && c == 99) ||
               (a == 198 && (b == 18 || b == 19)) || (a == 198 && b == 51 && c == 100) ||
               (a == 203 && b == 0 && c == 113);
    }
    // Everything but 2000::/3 is not global unicast; NAT64 (64:ff9b::/96) would lead back to any IPv4 address, as would
    // Teredo in 2001::/23 and 6to4 (2002::/16).
    if ((ip[0] & 0xe0) != 0x20) return true;
    if (ip[0] == 0x20 && ip[1] == 0x02) return true;
    return ip[0] == 0x20 && ip[1] == 0x01 && (ip[2] <= 1 || (ip[2] == 0x0d && ip[3] == 0xb8));
}

class WebhookClient::Impl {
public:
    Impl(WebhookOptions options, std::function<void(api::WebhookResult)> on_result)
        : options_(options), on_result_(std::move(on_result)) {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        multi_ = curl_multi_init();
        VERIFY(multi_ != nullptr);
        curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, options_.max_connections);
        curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, options_.max_connections);
        // A dead receiver holds each of its attempts until their timeout: it must not keep the others waiting.
        curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, kMaxConnectionsPerHost);
        thread_ = std::thread([this] { run(); });
    }

    ~Impl() {
        stopping_ = true;
        curl_multi_wakeup(multi_);
        thread_.join();
        for (const auto& [handle, attempt] : attempts_) curl_multi_remove_handle(multi_, handle);
        attempts_.clear();
        curl_multi_cleanup(multi_);
    }

    void post(api::PostWebhook webhook) {
        if (waiting_.put(std::move(webhook))) curl_multi_wakeup(multi_);
    }

private:
    void run() {
        std::vector<api::PostWebhook> arrived;
        while (!stopping_) {
            waiting_.take(arrived);
            for (api::PostWebhook& webhook : arrived) start(std::move(webhook));
            int running = 0;
            curl_multi_perform(multi_, &running);
            collect();
            curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
        }
    }

    void start(api::PostWebhook webhook) {
        auto attempt = std::make_unique<Attempt>();
        attempt->id = webhook.attempt;
        attempt->body = std::move(webhook.body);
        attempt->allow_private = options_.allow_private_addresses;
        attempt->handle = curl_easy_init();
        for (const api::Header& header : webhook.headers)
            attempt->headers = curl_slist_append(attempt->headers, (header.name + ": " + header.value).c_str());
        CURL* const handle = attempt->handle;
        curl_easy_setopt(handle, CURLOPT_URL, webhook.url.c_str());
        curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(handle, CURLOPT_PROXY, "");  // a proxy of the environment would get round the address check
        curl_easy_setopt(handle, CURLOPT_POST, 1L);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, attempt->body.data());
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(attempt->body.size()));
        curl_easy_setopt(handle, CURLOPT_HTTPHEADER, attempt->headers);
        curl_easy_setopt(handle, CURLOPT_USERAGENT, "Crosspoint");
        curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
        curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);  // ending must not wait for a name server
        curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &discard);
        curl_easy_setopt(handle, CURLOPT_WRITEDATA, attempt.get());
        curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
        curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, attempt.get());
        curl_multi_add_handle(multi_, handle);
        attempts_.emplace(handle, std::move(attempt));
    }

    static api::WebhookResult result(const Attempt& attempt, CURLcode outcome) {
        long status = 0;
        const bool answered = outcome == CURLE_OK || attempt.discarded > kMaxDiscarded;
        if (answered) curl_easy_getinfo(attempt.handle, CURLINFO_RESPONSE_CODE, &status);
        const bool unusable = outcome == CURLE_UNSUPPORTED_PROTOCOL || outcome == CURLE_URL_MALFORMAT;
        // A name with a private and a public address may well have been reached.
        return {attempt.id, static_cast<int>(status), !answered && (attempt.refused || unusable)};
    }

    void collect() {
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            CURL* const handle = message->easy_handle;
            const auto found = attempts_.find(handle);
            on_result_(result(*found->second, message->data.result));
            curl_multi_remove_handle(multi_, handle);
            attempts_.erase(found);
        }
    }

    WebhookOptions options_;
    std::function<void(api::WebhookResult)> on_result_;
    CURLM* multi_ = nullptr;
    Mailbox<api::PostWebhook> waiting_;
    std::unordered_map<CURL*, std::unique_ptr<Attempt>> attempts_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

WebhookClient::WebhookClient(WebhookOptions options, std::function<void(api::WebhookResult)> on_result)
    : impl_(std::make_unique<Impl>(options, std::move(on_result))) {}
WebhookClient::~WebhookClient() = default;
void WebhookClient::post(api::PostWebhook webhook) { impl_->post(std::move(webhook)); }

}  // namespace crosspoint::io
