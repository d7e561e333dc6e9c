#include "rtc/rtcp/transport_feedback.h"

#include "base/verify.h"
#include "rtc/rtcp/header.h"

namespace crosspoint::rtc::rtcp {
namespace {

enum Symbol : uint8_t { NotReceived, SmallDelta, LargeDelta, Reserved };

constexpr uint16_t kVectorBit = 0x8000;
constexpr uint16_t kTwoBitSymbols = 0x4000;
constexpr size_t kMaxRun = 0x1fff;
constexpr size_t kOneBitCapacity = 14;
constexpr size_t kTwoBitCapacity = 7;

Symbol symbol_of(int16_t delta) { return delta >= 0 && delta <= UINT8_MAX ? SmallDelta : LargeDelta; }

// Reads the chunks of draft-holmer 3.1.2 to 3.1.4 and remembers who arrived; the deltas follow all of them.
class StatusReader {
public:
    StatusReader(TransportFeedback& feedback, ByteReader& in) : feedback_(feedback), in_(in) {}

    bool read() {
        while (in_.done() && taken_ < feedback_.status_count) {
            const uint16_t chunk = in_.u16();
            if (chunk & kVectorBit)
                vector(chunk);
            else
                run(chunk);
        }
        return in_.done() && !damaged_;
    }

private:
    // What goes beyond the status count is filling.
    void take(Symbol symbol) {
        if (taken_ == feedback_.status_count) return;
        if (symbol == Reserved) damaged_ = true;
        if (symbol != NotReceived)
            feedback_.arrivals.push_back({static_cast<uint16_t>(feedback_.base_sequence + taken_),
                                          static_cast<int16_t>(symbol == LargeDelta ? -1 : 0)});
        ++taken_;
    }
    // | 0 | symbol (2) | run length (13) |
    void run(uint16_t chunk) {
        const auto symbol = static_cast<Symbol>(chunk >> 13 & 3);
        size_t length = std::min<size_t>(chunk & kMaxRun, feedback_.status_count - size_t{taken_});
        if (symbol == NotReceived) {
            taken_ = static_cast<uint16_t>(taken_ + length);
            return;
        }
        // Each arrival needs its delta in the input, so a short packet cannot make us remember many.
        if (length > in_.remaining()) {
            damaged_ = true;
            return;
        }
        while (length-- > 0) take(symbol);
    }
    // | 1 | 0 | 14 symbols of one bit | or | 1 | 1 | 7 symbols of two bits |
    void vector(uint16_t chunk) {
        const bool two_bits = (chunk & kTwoBitSymbols) != 0;
        const int width = two_bits ? 2 : 1;
        for (int shift = 14 - width; shift >= 0; shift -= width)
            take(static_cast<Symbol>(chunk >> shift & (two_bits ? 3 : 1)));
    }

    TransportFeedback& feedback_;
    ByteReader& in_;
    uint16_t taken_ = 0;
    bool damaged_ = false;
};

// The symbols that are still to be written, read off the arrivals without laying them out.
class StatusWriter {
public:
    StatusWriter(const TransportFeedback& feedback, ByteWriter& out) : feedback_(feedback), out_(out) {}

    void write() {
        while (at_ < feedback_.status_count && out_.done()) {
            const size_t run = run_length();
            const size_t left = feedback_.status_count - at_;
            if (run >= kOneBitCapacity || run == left)
                write_run(run);
            else if (fits_one_bit())
                write_vector(std::min(left, kOneBitCapacity), 1);
            else if (run >= kTwoBitCapacity)
                write_run(run);
            else
                write_vector(std::min(left, kTwoBitCapacity), 2);
        }
    }

private:
    // Calls `visit(symbol)` for the symbols from `at_` on until it says false; returns how many it said true to.
    template <class Visit>
    size_t scan(size_t limit, Visit visit) const {
        size_t arrival = arrival_;
        const size_t end = std::min<size_t>(feedback_.status_count, at_ + limit);
        for (size_t at = at_; at < end; ++at) {
            Symbol symbol = NotReceived;
            if (arrival < feedback_.arrivals.size() &&
                feedback_.arrivals[arrival].sequence == static_cast<uint16_t>(feedback_.base_sequence + at))
                symbol = symbol_of(feedback_.arrivals[arrival++].delta);
            if (!visit(symbol)) return at - at_;
        }
        return end - at_;
    }
    Symbol first() const {
        Symbol symbol = NotReceived;
        scan(1, [&](Symbol s) {
            symbol = s;
            return true;
        });
        return symbol;
    }
    size_t run_length() const {
        return scan(kMaxRun, [wanted = first()](Symbol s) { return s == wanted; });
    }
    bool fits_one_bit() const {
        const size_t limit = std::min<size_t>(kOneBitCapacity, feedback_.status_count - at_);
        return scan(limit, [](Symbol s) { return s != LargeDelta; }) == limit;
    }
    void write_run(size_t length) {
        const Symbol symbol = first();
        out_.u16(static_cast<uint16_t>(symbol << 13 | length));
        at_ += length;
        if (symbol != NotReceived) arrival_ += length;
    }
    void write_vector(size_t length, int width) {
        uint16_t chunk = static_cast<uint16_t>(kVectorBit | (width == 2 ? kTwoBitSymbols : 0));
        int shift = 14;
        size_t arrived = 0;
        scan(length, [&](Symbol s) {
            shift -= width;
            chunk = static_cast<uint16_t>(chunk | s << shift);
            arrived += s != NotReceived;
            return true;
        });
        out_.u16(chunk);
        at_ += length;
        arrival_ += arrived;
    }

    const TransportFeedback& feedback_;
    ByteWriter& out_;
    size_t at_ = 0;
    size_t arrival_ = 0;
};

}  // namespace

// | sender (32) | media (32) | base (16) | count (16) | reference (24) | feedback (8) | chunks (16 each) | deltas |
std::optional<TransportFeedback> TransportFeedback::parse(Bytes body) {
    ByteReader in(body);
    TransportFeedback feedback;
    feedback.sender = Ssrc{in.u32()};
    feedback.media = Ssrc{in.u32()};
    feedback.base_sequence = in.u16();
    feedback.status_count = in.u16();
    feedback.reference_time = static_cast<int32_t>(in.u24() << 8) >> 8;
    feedback.feedback_count = in.u8();
    if (!in.done() || feedback.status_count == 0) return std::nullopt;
    if (!StatusReader(feedback, in).read()) return std::nullopt;
    for (Arrival& arrival : feedback.arrivals) {
        const bool large = arrival.delta < 0;
        arrival.delta = large ? static_cast<int16_t>(in.u16()) : in.u8();
    }
    if (!in.done()) return std::nullopt;
    return feedback;
}

void TransportFeedback::write(ByteWriter& out) const {
    const PacketScope scope(out, PacketType::TransportFeedback, kFormat);
    const size_t start = out.position();
    out.u32(sender.value);
    out.u32(media.value);
    out.u16(base_sequence);
    out.u16(status_count);
    out.u24(static_cast<uint32_t>(reference_time) & 0xffffff);
    out.u8(feedback_count);
    StatusWriter(*this, out).write();
    for (const Arrival& arrival : arrivals) {
        if (symbol_of(arrival.delta) == SmallDelta)
            out.u8(static_cast<uint8_t>(arrival.delta));
        else
            out.u16(static_cast<uint16_t>(arrival.delta));
    }
    out.zeros((4 - (out.position() - start) % 4) % 4);
}

TransportFeedbackBuilder::TransportFeedbackBuilder(Ssrc sender, Ssrc media, uint8_t feedback_count, int64_t first,
                                                   Timestamp reference)
    : first_(first), next_(first) {
    const auto units = std::chrono::floor<Duration>(reference.time_since_epoch()) / TransportFeedback::kReferenceUnit;
    feedback_.sender = sender;
    feedback_.media = media;
    feedback_.base_sequence = static_cast<uint16_t>(first);
    feedback_.reference_time = static_cast<int32_t>(static_cast<uint32_t>(units) << 8) >> 8;
    feedback_.feedback_count = feedback_count;
    last_ = Timestamp{} + units * TransportFeedback::kReferenceUnit;
}

bool TransportFeedbackBuilder::add(int64_t sequence, Timestamp arrival) {
    if (sequence < next_ || sequence - first_ >= UINT16_MAX) return false;
    const Duration elapsed = arrival - last_;
    // To the nearest unit: rounding towards zero would let the error grow in one direction.
    const auto delta = std::chrono::round<std::chrono::duration<int64_t, std::ratio<1, 4000>>>(elapsed).count();
    if (delta < INT16_MIN || delta > INT16_MAX) return false;
    feedback_.arrivals.push_back({static_cast<uint16_t>(sequence), static_cast<int16_t>(delta)});
    feedback_.status_count = static_cast<uint16_t>(sequence - first_ + 1);
    last_ += delta * TransportFeedback::kDeltaUnit;
    next_ = sequence + 1;
    return true;
}

}  // namespace crosspoint::rtc::rtcp
