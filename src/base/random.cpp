#include "base/random.h"

#include "base/encoding.h"
#include "base/verify.h"

namespace crosspoint {

uint32_t Random::u32() {
    uint32_t value = 0;
    fill({reinterpret_cast<uint8_t*>(&value), sizeof value});
    return value;
}

uint64_t Random::u64() {
    uint64_t value = 0;
    fill({reinterpret_cast<uint8_t*>(&value), sizeof value});
    return value;
}

uint64_t Random::below(uint64_t bound) {
    VERIFY(bound > 0);
    // Values past the last whole multiple of `bound` would favour small results.
    const uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    uint64_t value = u64();
    while (value >= limit) value = u64();
    return value % bound;
}

std::string Random::uuid() {
    uint8_t raw[16];
    fill(raw);
    raw[6] = static_cast<uint8_t>((raw[6] & 0x0f) | 0x40);
    raw[8] = static_cast<uint8_t>((raw[8] & 0x3f) | 0x80);
    std::string text = hex(raw);
    for (size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
    return text;
}

std::string Random::ice_chars(size_t length) {
    static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text(length, '\0');
    fill({reinterpret_cast<uint8_t*>(text.data()), text.size()});
    for (char& c : text) c = kAlphabet[static_cast<uint8_t>(c) % 64];
    return text;
}

// SplitMix64 (Steele, Lea, Flood 2014): one word of state, passes BigCrush.
uint64_t SeededRandom::next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

void SeededRandom::fill(MutableBytes out) {
    for (size_t at = 0; at < out.size(); at += 8) {
        const uint64_t word = next();
        std::memcpy(out.data() + at, &word, std::min<size_t>(8, out.size() - at));
    }
}

}  // namespace crosspoint
