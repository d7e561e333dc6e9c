#include "rtc/srtp/keys.h"

#include "base/verify.h"
#include "crypto/cipher.h"

namespace crosspoint::rtc::srtp {
namespace {

// RFC 3711 4.3.2. RTCP's labels follow in the same order.
enum class Label : uint8_t { RtpCipher = 0, RtpMac = 1, RtpSalt = 2, RtcpCipher = 3, RtcpMac = 4, RtcpSalt = 5 };

constexpr size_t kMacKeySize = 20;

class KeyDerivation {
public:
    KeyDerivation(Bytes master_key, Bytes master_salt) : stream_(master_key) {
        std::memcpy(salt_.data(), master_salt.data(), master_salt.size());
    }

    // The salt's 112 bits fill the block from the left; a GCM salt is 16 bits shorter and zeros follow it (RFC 7714
    // 11).
    Buffer derive(Label label, size_t size) {
        auto block = salt_;
        block[7] ^= static_cast<uint8_t>(label);
        Buffer key(size, 0);
        stream_.apply(block, key);
        return key;
    }

private:
    crypto::AesCounter stream_;
    std::array<uint8_t, crypto::AesCounter::kIvSize> salt_{};
};

}  // namespace

ProfileSizes sizes_of(SrtpProfile profile) {
    switch (profile) {
        case SrtpProfile::Aes128CmSha1_80: return {16, 14, 10, 10};
        case SrtpProfile::Aes128CmSha1_32: return {16, 14, 4, 10};
        case SrtpProfile::AeadAes128Gcm: return {16, 12, 16, 16};
        case SrtpProfile::AeadAes256Gcm: return {32, 12, 16, 16};
    }
    VERIFY(false);
}

SessionKeys derive_session_keys(SrtpProfile profile, Bytes master_key, Bytes master_salt) {
    const ProfileSizes sizes = sizes_of(profile);
    VERIFY(master_key.size() == sizes.key && master_salt.size() == sizes.salt);
    const size_t mac_size = is_gcm(profile) ? 0 : kMacKeySize;
    KeyDerivation keys(master_key, master_salt);
    return {
        .rtp = {.cipher = keys.derive(Label::RtpCipher, sizes.key),
                .salt = keys.derive(Label::RtpSalt, sizes.salt),
                .mac = keys.derive(Label::RtpMac, mac_size)},
        .rtcp = {.cipher = keys.derive(Label::RtcpCipher, sizes.key),
                 .salt = keys.derive(Label::RtcpSalt, sizes.salt),
                 .mac = keys.derive(Label::RtcpMac, mac_size)},
    };
}

}  // namespace crosspoint::rtc::srtp
