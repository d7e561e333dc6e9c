#include <boost/json/parse.hpp>

#include "api/jsapi/decode.h"
#include "api/jsapi/encode.h"
#include "base/verify.h"

// A frame of a client: whatever it is, it is read as something, and what follows from it can be said.
namespace {

using namespace crosspoint;

/// Whatever was refused is answered with JSON.
void answer(const chains::ClientSays& says, const chains::Settings& limits) {
    chains::ReplyTo reply{says.seq, {}};
    if (const auto* unreadable = std::get_if<chains::Unreadable>(&says.message)) reply.result = unreadable->why;
    boost::json::parse(api::jsapi::encode(chains::ServerSays{1, reply}, 0, limits));
}

void check(const chains::OpenRequest& open, const chains::Settings& limits) {
    VERIFY(!open.to.empty() && open.to.size() < limits.participants_per_call);
    VERIFY(open.options.audio || open.options.video);
}
void check(const chains::AddText& add, const chains::Settings& limits) {
    VERIFY(!add.receivers.empty() && add.receivers.size() <= limits.receivers_per_message);
    VERIFY(add.text.size() <= limits.text_bytes);
}
void check(const chains::SendCustom& custom, const chains::Settings& limits) {
    VERIFY(custom.content.size() <= limits.custom_bytes);
}
void check(const chains::ReadHistory& read, const chains::Settings& limits) {
    VERIFY(read.limit >= 1 && read.limit <= limits.history_page);
}
void check(const auto&, const chains::Settings&) {}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const chains::Settings limits;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto frame = api::jsapi::decode(text, limits);
    const auto* says = std::get_if<chains::ClientFrame>(&frame.says);
    const auto* sequenced = says ? std::get_if<chains::ClientSays>(says) : nullptr;
    if (!sequenced) return 0;
    VERIFY(sequenced->seq > 0);
    answer(*sequenced, limits);
    std::visit([&](const auto& message) { check(message, limits); }, sequenced->message);
    return 0;
}
