#include <gtest/gtest.h>
#include <srtp2/srtp.h>

#include "rtc/srtp/session.h"

// Both directions against libsrtp2.
namespace crosspoint::rtc::srtp {
namespace {

class LibSrtp {
public:
    LibSrtp(SrtpProfile profile, const Buffer& key, const Buffer& salt, srtp_ssrc_type_t direction) {
        [[maybe_unused]] static const bool started = srtp_init() == srtp_err_status_ok;
        Buffer master = key;
        master.insert(master.end(), salt.begin(), salt.end());
        // libsrtp numbers profiles as DTLS-SRTP does.
        const auto number = static_cast<srtp_profile_t>(profile);
        srtp_policy_t policy{};
        srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, number);
        srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, number);
        policy.ssrc.type = direction;
        policy.key = master.data();
        policy.window_size = 1024;
        EXPECT_EQ(srtp_create(&session_, &policy), srtp_err_status_ok);
    }
    ~LibSrtp() { srtp_dealloc(session_); }
    LibSrtp(const LibSrtp&) = delete;
    LibSrtp& operator=(const LibSrtp&) = delete;

    using Operation = srtp_err_status_t (*)(srtp_t, void*, int*);
    std::optional<Buffer> run(Operation operation, Buffer packet) {
        int size = static_cast<int>(packet.size());
        packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN);
        if (operation(session_, packet.data(), &size) != srtp_err_status_ok) return std::nullopt;
        packet.resize(static_cast<size_t>(size));
        return packet;
    }

private:
    srtp_t session_ = nullptr;
};

class SrtpAgainstLibSrtp : public testing::TestWithParam<SrtpProfile> {
protected:
    Buffer key_ = Buffer(sizes_of(GetParam()).key, 0x31);
    Buffer salt_ = Buffer(sizes_of(GetParam()).salt, 0x42);
    Sender sender_{GetParam(), key_, salt_};
    Receiver receiver_{GetParam(), key_, salt_};
    LibSrtp their_sender_{GetParam(), key_, salt_, ssrc_any_outbound};
    LibSrtp their_receiver_{GetParam(), key_, salt_, ssrc_any_inbound};

    static Buffer rtp(uint32_t ssrc, uint16_t sequence) {
        Buffer packet(12 + 4 + 8 + 4 + 100, 0x3c);
        ByteWriter out(packet);
        out.u16(0x91e0);  // one CSRC, an extension
        out.u16(sequence);
        out.u32(1234);
        out.u32(ssrc);
        out.u32(77);
        out.u32(0xbede0001);
        return packet;
    }
    static Buffer rtcp(uint32_t ssrc) {
        Buffer packet(28 + 16, 0x5a);
        ByteWriter out(packet);
        out.u32(0x80c80006);
        out.u32(ssrc);
        return packet;
    }
    void both_ways_rtp(const Buffer& plain) {
        Buffer ours = plain;
        ours.resize(plain.size() + kMaxTrailer);
        ours.resize(sender_.protect_rtp(ours, plain.size()).value());
        EXPECT_EQ(their_sender_.run(srtp_protect, plain), ours);
        EXPECT_EQ(their_receiver_.run(srtp_unprotect, ours), plain);
        EXPECT_EQ(receiver_.unprotect_rtp(ours), plain.size());
        EXPECT_TRUE(std::equal(plain.begin(), plain.end(), ours.begin()));
    }
};
INSTANTIATE_TEST_SUITE_P(, SrtpAgainstLibSrtp,
                         testing::Values(SrtpProfile::AeadAes128Gcm, SrtpProfile::AeadAes256Gcm,
                                         SrtpProfile::Aes128CmSha1_80, SrtpProfile::Aes128CmSha1_32));

TEST_P(SrtpAgainstLibSrtp, RtpIsByteForByteTheSameAcrossRollovers) {
    uint32_t ssrc = 1;
    for (uint16_t start : {0, 1, 32767, 32768, 65533, 65535}) {
        ++ssrc;
        uint16_t sequence = start;
        for (int i = 0; i < 5; ++i) both_ways_rtp(rtp(ssrc, sequence++));
        for (int i = 0; i < 12; ++i) both_ways_rtp(rtp(ssrc, sequence += 17'000));
    }
}

TEST_P(SrtpAgainstLibSrtp, RtcpBothWays) {
    for (uint32_t ssrc : {1u, 2u, 0xffffffffu})
        for (int i = 0; i < 20; ++i) {
            const Buffer plain = rtcp(ssrc);
            Buffer ours = plain;
            ours.resize(plain.size() + kMaxTrailer);
            ours.resize(sender_.protect_rtcp(ours, plain.size()).value());
            EXPECT_EQ(their_receiver_.run(srtp_unprotect_rtcp, ours), plain);

            auto theirs = their_sender_.run(srtp_protect_rtcp, plain);
            ASSERT_TRUE(theirs);
            ASSERT_EQ(receiver_.unprotect_rtcp(*theirs), plain.size());
            EXPECT_TRUE(std::equal(plain.begin(), plain.end(), theirs->begin()));
        }
}

}  // namespace
}  // namespace crosspoint::rtc::srtp
