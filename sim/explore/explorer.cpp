#include "explore/explorer.h"

#include <cstring>

namespace crosspoint::explore {
namespace {

uint64_t mix(uint64_t value) {
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93u;
    value ^= value >> 32;
    return value;
}

}  // namespace

// Two multiply-and-fold lanes over words; it need not withstand an adversary.
Digest digest(std::string_view text) {
    Digest out{0x9e3779b97f4a7c15u ^ text.size(), 0xc2b2ae3d27d4eb4fu + text.size()};
    while (!text.empty()) {
        uint64_t word = 0;
        const size_t size = text.size() < sizeof word ? text.size() : sizeof word;
        std::memcpy(&word, text.data(), size);
        text.remove_prefix(size);
        out.high = mix(out.high ^ word) * 0x9fb21c651e98df25u;
        out.low = mix(out.low + word * 0xff51afd7ed558ccdu);
    }
    return out;
}

}  // namespace crosspoint::explore
