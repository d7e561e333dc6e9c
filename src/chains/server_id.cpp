#include "chains/server_id.h"

namespace crosspoint::chains {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";  // sorted
constexpr size_t kTimeDigits = 8;     // of milliseconds: until the year 8888
constexpr size_t kRandomDigits = 14;  // 83 bits
constexpr char kOf = '_';

}  // namespace

std::string new_server_id(WallTime now, Random& random) {
    std::string id(kTimeDigits + kRandomDigits, '0');
    auto rest = static_cast<uint64_t>(now.unix_milliseconds);
    for (size_t i = kTimeDigits; i-- > 0; rest /= kDigits.size()) id[i] = kDigits[rest % kDigits.size()];
    for (size_t i = kTimeDigits; i < id.size(); ++i) id[i] = kDigits[random.below(kDigits.size())];
    return id;
}

std::string message_id_in(const ChainId& chain, std::string_view fresh_id) {
    return std::string(fresh_id) + kOf + chain.value;
}

ChainId chain_of(std::string_view message_id) {
    const auto end = message_id.find(kOf);
    return ChainId(end == std::string_view::npos ? message_id : message_id.substr(end + 1));
}

}  // namespace crosspoint::chains
