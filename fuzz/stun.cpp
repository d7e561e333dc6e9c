#include "base/verify.h"
#include "rtc/ice/lite_agent.h"
#include "rtc/stun/message.h"

// Any datagram, to the parser and to a lite agent: nobody without the password is believed.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace crosspoint;
    using namespace crosspoint::rtc;
    static const crypto::HmacSha1 key(as_bytes("a password that no seed was signed with"));
    const Bytes datagram(data, size);
    if (const auto message = stun::Message::parse(datagram)) {
        VERIFY(stun::looks_like_stun(datagram));
        VERIFY(!message->authentic(key));
        VERIFY(message->receiver_ufrag().size() <= size);
    }
    static ice::LiteAgent agent({"evtj", "a password that no seed was signed with"});
    static SendBatch batch;
    static std::vector<ice::Event> events;
    static Timestamp now{};
    batch.clear();
    ice::Outbox out{batch, events};
    agent.handle_message(now += 1s, NetAddress::v4(192, 0, 2, 1, 1), datagram, out);
    VERIFY(events.empty() && !agent.selected());
    for (const Transmit& answer : batch.transmits()) VERIFY(stun::Message::parse(batch.datagram(answer)));
    return 0;
}
