#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

// Identifiers with a type, so that a participant's id cannot be passed where a session's is meant.
namespace crosspoint {

/// A textual id (mostly UUIDs). Empty means none.
template <class Tag>
struct TextId {
    std::string value;

    TextId() = default;
    explicit TextId(std::string_view text) : value(text) {}
    bool empty() const { return value.empty(); }
    auto operator<=>(const TextId&) const = default;
};

/// A number with a meaning of its own.
template <class Tag, class Number = uint64_t>
struct NumberId {
    Number value = 0;

    constexpr NumberId() = default;
    constexpr explicit NumberId(Number number) : value(number) {}
    constexpr auto operator<=>(const NumberId&) const = default;
};

using AccountId = TextId<struct AccountTag>;
using SessionId = TextId<struct SessionTag>;
using ParticipantId = TextId<struct ParticipantTag>;
/// One published MediaStream, as subscribers name it (`a=msid`, `streamMetadata` key).
using StreamId = TextId<struct StreamTag>;

/// One remote end on the wire, unique in this process's life.
using LinkId = NumberId<struct LinkTag>;
/// One published track (one m-line of a publishing link), unique in this process's life.
using TrackId = NumberId<struct TrackTag>;
/// One device or client socket, unique in this process's life.
using SocketId = NumberId<struct SocketTag>;
/// One HTTP request waiting for its answer, unique in this process's life.
using RequestId = NumberId<struct RequestTag>;

using Ssrc = NumberId<struct SsrcTag, uint32_t>;
using PayloadType = NumberId<struct PayloadTypeTag, uint8_t>;

}  // namespace crosspoint

template <class Tag>
struct std::hash<crosspoint::TextId<Tag>> {
    size_t operator()(const crosspoint::TextId<Tag>& id) const { return std::hash<std::string>{}(id.value); }
};
template <class Tag, class Number>
struct std::hash<crosspoint::NumberId<Tag, Number>> {
    size_t operator()(const crosspoint::NumberId<Tag, Number>& id) const { return std::hash<Number>{}(id.value); }
};
