#include "api/device/device.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/verify.h"

// A client that has a valid token and says whatever it likes: one message a line. A line that begins with '!' is an
// event instead: !o another socket, !c the socket closes, !u another device, !t time passes until the next timer,
// !l the newest link connects, !s falls silent, !f fails, !n had no SRTP profile, !r the server restarts.
namespace {

using namespace crosspoint;
using namespace crosspoint::api;
using namespace crosspoint::api::device;

namespace json = boost::json;

class FixedCertificate final : public crypto::Certificate {
public:
    const std::string& sha256_fingerprint() const override { return fingerprint_; }

private:
    std::string fingerprint_ = "AB:CD:EF";
};

class Story {
public:
    Story() {
        settings_.candidates = {NetAddress::v4(192, 0, 2, 7, 40000)};
        settings_.make_certificate = [](WallTime) { return std::make_shared<FixedCertificate>(); };
        open("one");
    }

    void line(std::string_view text) {
        if (text.starts_with('!'))
            event(text.substr(1, 1));
        else
            say(text);
        check();
    }

private:
    template <class Work>
    void run(Work work) {
        Context context{now_, settings_, numbers_, random_, effects_, messages_};
        work(context);
    }
    static sessions::Participant participant() {
        sessions::Participant made;
        made.id = ParticipantId("self");
        made.permissions = {true, true};
        made.callback = {true, "https://app.example/cb"};
        return made;
    }
    void open(std::string unique_id) {
        client_ = {std::move(unique_id), numbers_.last_track % 2 == 1};
        run([&](Context& context) {
            device_.socket_opened(context, SocketId{++last_socket_}, client_);
            device_.incoming_changed(context, {{ParticipantId("other"), incoming()}});
        });
    }
    sessions::PublishedStream incoming() {
        return {StreamId("s" + std::to_string(last_socket_)),
                "usermedia",
                {{numbers_.track(), rtc::MediaKind::Audio, rtc::Codec::Opus},
                 {numbers_.track(), rtc::MediaKind::Video, rtc::Codec::Vp8, 1}}};
    }
    void say(std::string_view text) {
        if (device_.socket()) run([&](Context& context) { device_.socket_text(context, text); });
    }
    void event(std::string_view what) {
        const LinkId link{numbers_.last_link};
        if (what == "o") open(client_.unique_id);
        if (what == "u") open(client_.unique_id + "x");
        if (what == "c") run([&](Context& context) { device_.socket_closed(context, SocketId{last_socket_}); });
        if (what == "t") pass_time();
        if (what == "l") hear(sfu::LinkConnected{link, rtc::SrtpProfile::AeadAes128Gcm});
        if (what == "s") hear(sfu::LinkSilent{link});
        if (what == "f") hear(sfu::LinkFailed{link, sfu::LinkFailure::DtlsError});
        if (what == "n") hear(sfu::LinkFailed{link, sfu::LinkFailure::NoSrtpProfile});
        if (what == "r") restart();
    }
    void hear(const sfu::Event& heard) {
        run([&](Context& context) { device_.handle_link(context, heard); });
    }
    void pass_time() {
        if (device_.next_timeout() == kNever) return;
        const Duration wait = std::max(Duration{}, device_.next_timeout() - now_.mono);
        now_ = {now_.mono + wait, now_.wall + std::chrono::duration_cast<std::chrono::milliseconds>(wait)};
        run([&](Context& context) { device_.handle_timeout(context); });
    }
    void restart() {
        const std::string stored = device_.stored();
        effects_ = {};
        links_ = 0;
        device_ = Device(participant(), random_);
        run([&](Context& context) { device_.restore(context, stored); });
    }

    /// What was sent is JSON of one of the two kinds, revisions grow, and there are never more than two links.
    void check() {
        for (const Effect& effect : effects_.outputs) {
            if (const auto* sent = std::get_if<SendText>(&effect)) check_text(sent->text);
            const auto* command = std::get_if<sfu::Command>(&effect);
            if (command && std::holds_alternative<sfu::OpenLink>(*command)) ++links_;
            if (command && std::holds_alternative<sfu::CloseLink>(*command)) --links_;
        }
        VERIFY(links_ >= 0 && links_ <= 2);
        effects_ = {};
        messages_.clear();
    }
    void check_text(const std::string& text) {
        const json::object message = json::parse(text).as_object();
        if (!message.contains("method")) {
            VERIFY(message.contains("id") && message.contains("result") != message.contains("error"));
            return;
        }
        VERIFY(!message.contains("id"));
        if (message.at("method").as_string() != "sdpOffer") return;
        const auto revision = message.at("params").at("sdpRevision").as_int64();
        VERIFY(revision > revision_ && revision < int64_t{1} << 31);
        revision_ = revision;
    }

    SeededRandom random_{1};
    Settings settings_;
    Numbers numbers_;
    Now now_{Timestamp(1h), WallTime{1'767'225'600'000}};
    Effects effects_;
    std::vector<Message> messages_;
    Device device_{participant(), random_};
    ClientIdentity client_;
    uint64_t last_socket_ = 0;
    int links_ = 0;
    int64_t revision_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Story story;
    std::string_view text = as_text({data, size});
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        story.line(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return 0;
}
