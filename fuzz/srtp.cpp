#include "base/verify.h"
#include "rtc/srtp/session.h"

namespace {

using namespace crosspoint;
using namespace crosspoint::rtc;

using Protect = std::optional<size_t> (srtp::Sender::*)(MutableBytes, size_t);
using Unprotect = std::optional<size_t> (srtp::Receiver::*)(MutableBytes);

void check(SrtpProfile profile, Bytes input, Protect protect, Unprotect unprotect) {
    const srtp::ProfileSizes sizes = srtp::sizes_of(profile);
    const Buffer key(sizes.key, 1);
    const Buffer salt(sizes.salt, 2);
    srtp::Receiver receiver(profile, key, salt);
    Buffer packet = to_buffer(input);
    // Four bytes of tag can be guessed by a patient fuzzer; sixteen and ten cannot.
    const bool opened = (receiver.*unprotect)(packet).has_value();
    if (profile != SrtpProfile::Aes128CmSha1_32) VERIFY(!opened);

    srtp::Sender sender(profile, key, salt);
    packet = to_buffer(input);
    packet.resize(input.size() + srtp::kMaxTrailer);
    const auto size = (sender.*protect)(packet, input.size());
    if (!size) return;
    VERIFY((receiver.*unprotect)(MutableBytes(packet).first(*size)) == input.size());
    VERIFY(std::equal(input.begin(), input.end(), packet.begin()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    for (SrtpProfile profile : {SrtpProfile::AeadAes128Gcm, SrtpProfile::AeadAes256Gcm, SrtpProfile::Aes128CmSha1_80,
                                SrtpProfile::Aes128CmSha1_32}) {
        check(profile, {data, size}, &srtp::Sender::protect_rtp, &srtp::Receiver::unprotect_rtp);
        check(profile, {data, size}, &srtp::Sender::protect_rtcp, &srtp::Receiver::unprotect_rtcp);
    }
    return 0;
}
