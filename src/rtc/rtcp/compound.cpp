#include "rtc/rtcp/compound.h"

#include "rtc/rtcp/header.h"

namespace crosspoint::rtc::rtcp {
namespace {

// False when a packet of a known kind is damaged.
template <class M>
bool take(std::optional<M> message, std::vector<Message>& messages) {
    if (!message) return false;
    messages.emplace_back(std::move(*message));
    return true;
}

bool take_transport_feedback(const Packet& packet, std::vector<Message>& messages) {
    switch (packet.count) {
        case Nack::kFormat: return take(Nack::parse(packet.body), messages);
        case TransportFeedback::kFormat: return take(TransportFeedback::parse(packet.body), messages);
        default: return true;
    }
}

bool take_payload_feedback(const Packet& packet, std::vector<Message>& messages) {
    switch (packet.count) {
        case Pli::kFormat: return take(Pli::parse(packet.body), messages);
        case Fir::kFormat: return take(Fir::parse(packet.body), messages);
        case Remb::kFormat: return !Remb::is_in(packet.body) || take(Remb::parse(packet.body), messages);
        default: return true;
    }
}

bool take_packet(const Packet& packet, std::vector<Message>& messages) {
    switch (static_cast<PacketType>(packet.type)) {
        case PacketType::SenderReport: return take(SenderReport::parse(packet.count, packet.body), messages);
        case PacketType::ReceiverReport: return take(ReceiverReport::parse(packet.count, packet.body), messages);
        case PacketType::SourceDescription: return take(SourceDescription::parse(packet.count, packet.body), messages);
        case PacketType::Bye: return take(Bye::parse(packet.count, packet.body), messages);
        case PacketType::TransportFeedback: return take_transport_feedback(packet, messages);
        case PacketType::PayloadFeedback: return take_payload_feedback(packet, messages);
    }
    return true;  // APP, XR and whatever else comes: not ours
}

}  // namespace

std::optional<Compound> Compound::parse(Bytes datagram) {
    if (datagram.empty()) return std::nullopt;
    ByteReader in(datagram);
    Compound compound;
    while (in.remaining() > 0) {
        const auto packet = Packet::read(in);
        if (!packet || !take_packet(*packet, compound.messages)) return std::nullopt;
    }
    return compound;
}

void Compound::write(ByteWriter& out) const {
    for (const Message& message : messages) rtcp::write(out, message);
}

void write(ByteWriter& out, const Message& message) {
    std::visit([&](const auto& m) { m.write(out); }, message);
}

}  // namespace crosspoint::rtc::rtcp
