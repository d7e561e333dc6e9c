#include "crypto/password.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <array>
#include <charconv>
#include <optional>

#include "base/encoding.h"
#include "base/verify.h"
#include "crypto/hash.h"

namespace crosspoint::crypto {
namespace {

constexpr size_t kHashSize = 32;
constexpr size_t kSaltSize = 16;
constexpr uint64_t kMaxMemory = uint64_t{128} << 20;
using Hash = std::array<uint8_t, kHashSize>;

struct Cost {
    uint32_t log_n = 15;
    uint32_t r = 8;
    uint32_t p = 1;
};

std::optional<Hash> scrypt(std::string_view password, Bytes salt, const Cost& cost) {
    // Keeps the shift and the running time sane before OpenSSL looks at the memory.
    if (cost.log_n < 1 || cost.log_n > 20 || cost.r < 1 || cost.r > 32 || cost.p < 1 || cost.p > 16)
        return std::nullopt;
    Hash hash;
    const int done = EVP_PBE_scrypt(password.data(), password.size(), salt.data(), salt.size(),
                                    uint64_t{1} << cost.log_n, cost.r, cost.p, kMaxMemory, hash.data(), hash.size());
    if (done == 1) return hash;
    ERR_clear_error();
    return std::nullopt;
}

/// Takes the text up to the next '$' off the front of `text`.
std::string_view take_field(std::string_view& text) {
    const size_t end = std::min(text.find('$'), text.size());
    const std::string_view field = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return field;
}

uint32_t take_number(std::string_view& text) {
    const std::string_view field = take_field(text);
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    return error == std::errc{} && end == field.data() + field.size() ? value : 0;
}

}  // namespace

std::string hash_password(std::string_view password, Random& random) {
    std::array<uint8_t, kSaltSize> salt;
    random.fill(salt);
    const Cost cost;
    const auto hash = scrypt(password, salt, cost);
    VERIFY(hash.has_value());
    return fmt::format("scrypt${}${}${}${}${}", cost.log_n, cost.r, cost.p, base64url(salt), base64url(*hash));
}

bool verify_password(std::string_view password, std::string_view stored) {
    if (take_field(stored) != "scrypt") return false;
    Cost cost;
    cost.log_n = take_number(stored);
    cost.r = take_number(stored);
    cost.p = take_number(stored);
    const auto salt = from_base64url(take_field(stored));
    const auto wanted = from_base64url(stored);
    if (!salt || salt->empty() || !wanted || wanted->size() != kHashSize) return false;
    const auto hash = scrypt(password, *salt, cost);
    return hash && constant_time_equal(*hash, *wanted);
}

}  // namespace crosspoint::crypto
