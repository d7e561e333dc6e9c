#include "base/verify.h"
#include "rtc/sctp/association.h"

using namespace crosspoint;
using namespace crosspoint::rtc::sctp;

namespace {

constexpr uint32_t kPeerTag = 0x70656572;
constexpr uint32_t kPeerInitialTsn = 100;

/// An open association whose peer is the input.
class Target {
public:
    Target() : random_(1), association_({}, random_) {
        association_.connect(now_, out_);
        const auto init = Packet::parse(out_.packets.at(0));
        own_ = *InitChunk::parse(init->chunks.at(0).body);
        InitChunk ack = own_;
        ack.tag = kPeerTag;
        ack.initial_tsn = kPeerInitialTsn;
        ack.cookie = {1, 2, 3, 4};
        hear(own_.tag, make_chunk(ack, ChunkType::InitAck, 0));
        hear(own_.tag, make_chunk(ChunkType::CookieAck, 0, {}));
        VERIFY(association_.connected());
    }

    void hear(uint32_t tag, Bytes chunks) {
        PacketBuilder packet({5000, 5000, tag}, 65535);
        packet.add(chunks);
        association_.handle_packet(now_, packet.take(), out_);
        check();
    }
    void step(ByteReader& in) {
        switch (in.u8() % 5) {
            case 0: return hear(own_.tag, in.bytes(std::min<size_t>(in.u16(), in.remaining())));
            case 1: return hear(0, in.bytes(std::min<size_t>(in.u16(), in.remaining())));
            case 2: {
                const Bytes text = in.bytes(std::min<size_t>(in.u16(), in.remaining()));
                association_.send(now_, 0, ppid::kString, text, out_);
                return check();
            }
            case 3: association_.shutdown(now_, out_); return check();
            default:
                if (association_.next_timeout() == kNever) return;
                now_ = std::max(now_, association_.next_timeout());
                association_.handle_timeout(now_, out_);
                return check();
        }
    }

private:
    void check() {
        for (const Buffer& packet : out_.packets) VERIFY(Packet::parse(packet));
        for (const Event& event : out_.events)
            if (const auto* message = std::get_if<Message>(&event)) VERIFY(message->bytes.size() <= Options{}.message);
        VERIFY(association_.next_timeout() > now_ - 1h);
        out_ = {};
    }

    SeededRandom random_;
    Timestamp now_{1s};
    Association association_;
    Output out_;
    InitChunk own_;
};

}  // namespace

// Chunks from a peer with the right tag and checksum, mixed with what our side does: that is as hostile as a browser
// can be. What anybody else can send ends at `Packet::parse`.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const Bytes input(data, size);
    if (const auto packet = Packet::parse(input)) VERIFY(!packet->chunks.empty());
    if (const auto cookie = StateCookie::parse(input)) VERIFY(cookie->write().size() == size);
    Target target;
    ByteReader in(input);
    while (in.remaining() > 0) target.step(in);
    return 0;
}
