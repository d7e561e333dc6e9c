#pragma once
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Bytes from outside, and the one way to read and write them.
namespace crosspoint {

using Bytes = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;
using Buffer = std::vector<uint8_t>;

inline Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }
inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Buffer to_buffer(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

/// Reads big-endian fields. Running past the end yields zeros and clears `done()`, so a parser checks once, at its end.
class ByteReader {
public:
    explicit ByteReader(Bytes bytes) : bytes_(bytes) {}

    uint8_t u8() { return static_cast<uint8_t>(number(1)); }
    uint16_t u16() { return static_cast<uint16_t>(number(2)); }
    uint32_t u24() { return static_cast<uint32_t>(number(3)); }
    uint32_t u32() { return static_cast<uint32_t>(number(4)); }
    uint64_t u64() { return number(8); }
    /// `count` bytes as a view into the input; empty when there are fewer.
    Bytes bytes(size_t count) {
        if (!take(count)) return {};
        return bytes_.subspan(at_ - count, count);
    }
    Bytes rest() { return bytes(remaining()); }
    void skip(size_t count) { take(count); }

    size_t position() const { return at_; }
    size_t remaining() const { return bytes_.size() - at_; }
    /// True while every read so far was inside the input.
    bool done() const { return !overrun_; }

private:
    bool take(size_t count) {
        if (remaining() < count) {
            overrun_ = true;
            at_ = bytes_.size();
            return false;
        }
        at_ += count;
        return true;
    }
    uint64_t number(size_t width) {
        if (!take(width)) return 0;
        uint64_t value = 0;
        for (size_t i = at_ - width; i < at_; ++i) value = value << 8 | bytes_[i];
        return value;
    }

    Bytes bytes_;
    size_t at_ = 0;
    bool overrun_ = false;
};

/// Writes big-endian fields into memory of the caller. Writing past the end writes nothing and clears `done()`.
class ByteWriter {
public:
    explicit ByteWriter(MutableBytes out) : out_(out) {}

    void u8(uint8_t value) { number(value, 1); }
    void u16(uint16_t value) { number(value, 2); }
    void u24(uint32_t value) { number(value, 3); }
    void u32(uint32_t value) { number(value, 4); }
    void u64(uint64_t value) { number(value, 8); }
    void bytes(Bytes value) {
        if (!take(value.size()) || value.empty()) return;
        std::memcpy(out_.data() + at_ - value.size(), value.data(), value.size());
    }
    void zeros(size_t count) {
        if (!take(count) || count == 0) return;
        std::memset(out_.data() + at_ - count, 0, count);
    }
    /// Overwrites two bytes written earlier, for lengths known only afterwards.
    void patch_u16(size_t position, uint16_t value) {
        if (position + 2 > at_) return;
        out_[position] = static_cast<uint8_t>(value >> 8);
        out_[position + 1] = static_cast<uint8_t>(value);
    }

    size_t position() const { return at_; }
    size_t remaining() const { return out_.size() - at_; }
    bool done() const { return !overrun_; }
    Bytes written() const { return Bytes(out_).first(at_); }

private:
    bool take(size_t count) {
        if (remaining() < count) {
            overrun_ = true;
            return false;
        }
        at_ += count;
        return true;
    }
    void number(uint64_t value, size_t width) {
        if (!take(width)) return;
        for (size_t i = 0; i < width; ++i) out_[at_ - 1 - i] = static_cast<uint8_t>(value >> (8 * i));
    }

    MutableBytes out_;
    size_t at_ = 0;
    bool overrun_ = false;
};

}  // namespace crosspoint
