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

/// One attempt under way.
struct Attempt {
    api::AttemptId id;
    std::string body;
    curl_slist* headers = nullptr;
    CURL* handle = nullptr;
    bool allow_private = false;
    bool refused = false;

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

size_t discard(char*, size_t size, size_t count, void*) { return size * count; }

}  // namespace

bool is_private(const NetAddress& address) {
    const auto& ip = address.ip;
    if (address.is_v4()) {
        const uint8_t a = ip[12];
        const uint8_t b = ip[13];
        return a == 0 || a == 10 || a == 127 || (a == 100 && b >= 64 && b < 128) || (a == 169 && b == 254) ||
               (a == 172 && b >= 16 && b < 32) || (a == 192 && b == 168) || (a == 192 && b == 0 && ip[14] == 0) ||
               (a == 198 && (b == 18 || b == 19)) || a >= 224;
    }
    // Everything but 2000::/3 is not global unicast; NAT64 (64:ff9b::/96) would lead back to any IPv4 address.
    return (ip[0] & 0xe0) != 0x20;
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
        curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &discard);
        curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
        curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, attempt.get());
        curl_multi_add_handle(multi_, handle);
        attempts_.emplace(handle, std::move(attempt));
    }

    void collect() {
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            CURL* const handle = message->easy_handle;
            const CURLcode outcome = message->data.result;
            long status = 0;
            if (outcome == CURLE_OK) curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
            const auto found = attempts_.find(handle);
            const bool unusable = outcome == CURLE_UNSUPPORTED_PROTOCOL || outcome == CURLE_URL_MALFORMAT;
            on_result_({found->second->id, static_cast<int>(status), found->second->refused || unusable});
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
