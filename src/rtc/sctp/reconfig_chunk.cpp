#include "rtc/sctp/reconfig_chunk.h"

#include "rtc/sctp/parameter.h"

namespace crosspoint::rtc::sctp {
namespace {

constexpr uint16_t kOutgoingReset = 13;
constexpr uint16_t kIncomingReset = 14;
constexpr uint16_t kTsnReset = 15;
constexpr uint16_t kResponse = 16;
constexpr uint16_t kAddOutgoing = 17;
constexpr uint16_t kAddIncoming = 18;
constexpr size_t kMaxItems = 2;  // RFC 6525 3.1

std::optional<ReConfigChunk::Item> parse_outgoing_reset(Bytes body) {
    ByteReader in(body);
    OutgoingReset reset;
    reset.request = in.u32();
    reset.response = in.u32();
    reset.last_tsn = in.u32();
    while (in.remaining() > 0) reset.streams.push_back(in.u16());
    if (!in.done()) return std::nullopt;
    return reset;
}

std::optional<ReConfigChunk::Item> parse_response(Bytes body) {
    ByteReader in(body);
    ResetResponse response;
    response.request = in.u32();
    response.result = ResetResult{in.u32()};
    if (!in.done()) return std::nullopt;
    return response;
}

std::optional<ReConfigChunk::Item> parse_item(const Parameter& parameter) {
    switch (parameter.type) {
        case kOutgoingReset: return parse_outgoing_reset(parameter.body);
        case kResponse: return parse_response(parameter.body);
        case kIncomingReset:
        case kTsnReset:
        case kAddOutgoing:
        case kAddIncoming: {
            ByteReader in(parameter.body);
            const OtherRequest request{in.u32()};
            if (!in.done()) return std::nullopt;
            return request;
        }
        default: return std::nullopt;
    }
}

Buffer body_of(const OutgoingReset& reset) {
    Buffer body(12 + 2 * reset.streams.size());
    ByteWriter out(body);
    out.u32(reset.request);
    out.u32(reset.response);
    out.u32(reset.last_tsn);
    for (const uint16_t stream : reset.streams) out.u16(stream);
    return body;
}
Buffer body_of(const OtherRequest& request) {
    Buffer body(4);
    ByteWriter(body).u32(request.request);
    return body;
}
Buffer body_of(const ResetResponse& response) {
    Buffer body(8);
    ByteWriter out(body);
    out.u32(response.request);
    out.u32(static_cast<uint32_t>(response.result));
    return body;
}

uint16_t type_of(const ReConfigChunk::Item& item) {
    if (std::holds_alternative<OutgoingReset>(item)) return kOutgoingReset;
    return std::holds_alternative<ResetResponse>(item) ? kResponse : kIncomingReset;
}

}  // namespace

std::optional<ReConfigChunk> ReConfigChunk::parse(Bytes body) {
    ByteReader in(body);
    ReConfigChunk chunk;
    while (in.remaining() > 0) {
        const auto parameter = read_parameter(in, body);
        const auto item = parameter ? parse_item(*parameter) : std::nullopt;
        if (!item || chunk.items.size() == kMaxItems) return std::nullopt;
        chunk.items.push_back(*item);
    }
    if (chunk.items.empty()) return std::nullopt;
    return chunk;
}

size_t ReConfigChunk::size() const {
    size_t size = 0;
    for (const Item& item : items)
        size += parameter_size(std::visit([](const auto& one) { return body_of(one).size(); }, item));
    return size;
}

void ReConfigChunk::write(ByteWriter& out) const {
    for (const Item& item : items)
        write_parameter(out, type_of(item), std::visit([](const auto& one) { return body_of(one); }, item));
}

}  // namespace crosspoint::rtc::sctp
