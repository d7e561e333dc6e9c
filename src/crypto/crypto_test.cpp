#include <gtest/gtest.h>

#include <cctype>

#include "base/encoding.h"
#include "crypto/certificate.h"
#include "crypto/cipher.h"
#include "crypto/hash.h"
#include "crypto/openssl_certificate.h"
#include "crypto/system_random.h"

namespace crosspoint::crypto {
namespace {

Buffer from(std::string_view text) { return from_hex(text).value(); }

TEST(Hash, KnownAnswers) {
    EXPECT_EQ(hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    // RFC 4231 4.2 and 4.7 (a key longer than a block).
    EXPECT_EQ(hex(hmac_sha256(Buffer(20, 0x0b), as_bytes("Hi There"))),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hex(hmac_sha256(Buffer(131, 0xaa), as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hash, HmacSha1OfRfc2202) {
    EXPECT_EQ(hex(hmac_sha1(Buffer(20, 0x0b), as_bytes("Hi There"))), "b617318655057264e28bc0b6fb378c8ef146be00");
    EXPECT_EQ(hex(hmac_sha1(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
              "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    EXPECT_EQ(hex(hmac_sha1(Buffer(80, 0xaa), as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
              "aa4ae5e15272d00e95705637ce8a3b55ed402112");
    EXPECT_EQ(hex(hmac_sha1({}, {})), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
    EXPECT_EQ(HmacSha1(as_bytes("Jefe")).digest(as_bytes("what do ya want "), as_bytes("for nothing?")),
              hmac_sha1(as_bytes("Jefe"), as_bytes("what do ya want for nothing?")));
}

TEST(Hash, ConstantTimeEqualComparesLengthAndContent) {
    EXPECT_TRUE(constant_time_equal({}, {}));
    EXPECT_TRUE(constant_time_equal(as_bytes("abc"), as_bytes("abc")));
    EXPECT_FALSE(constant_time_equal(as_bytes("abc"), as_bytes("abd")));
    EXPECT_FALSE(constant_time_equal(as_bytes("abc"), as_bytes("ab")));
}

// Test cases 4 and 16 of the GCM specification by McGrew and Viega, with associated data and a partial last block.
struct GcmCase {
    std::string_view key, cipher_text, tag;
};
class AesGcmVectors : public testing::TestWithParam<GcmCase> {};

TEST_P(AesGcmVectors, SealAndOpenReuseTheirContext) {
    const Buffer iv = from("cafebabefacedbaddecaf888");
    const Buffer associated = from("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    const Buffer plain = from(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
    AesGcm sealer(from(GetParam().key), AesGcm::Use::Seal);
    AesGcm opener(from(GetParam().key), AesGcm::Use::Open);
    for (int round = 0; round < 3; ++round) {
        Buffer data = plain;
        std::array<uint8_t, AesGcm::kTagSize> tag;
        sealer.seal(iv, associated, data, tag);
        EXPECT_EQ(hex(data), GetParam().cipher_text);
        EXPECT_EQ(hex(tag), GetParam().tag);

        Buffer damaged = data;
        damaged[7] ^= 1;
        EXPECT_FALSE(opener.open(iv, associated, damaged, tag));
        EXPECT_TRUE(opener.open(iv, associated, data, tag));
        EXPECT_EQ(data, plain);
    }
}

INSTANTIATE_TEST_SUITE_P(, AesGcmVectors,
                         testing::Values(GcmCase{"feffe9928665731c6d6a8f9467308308",
                                                 "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
                                                 "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
                                                 "5bc94fbc3221a5db94fae95ae7121a47"},
                                         GcmCase{"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
                                                 "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                                                 "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
                                                 "76fc6ece0f4e1768cddf8853bb2d551b"}));

TEST(AesCounter, Rfc3711KeyStream) {  // RFC 3711 B.2
    AesCounter counter(from("2b7e151628aed2a6abf7158809cf4f3c"));
    Buffer data(48, 0);
    counter.apply(from("f0f1f2f3f4f5f6f7f8f9fafbfcfd0000"), data);
    EXPECT_EQ(hex(data),
              "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0");
    Buffer last(48, 0);
    counter.apply(from("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), last);
    EXPECT_EQ(hex(last),
              "ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae6a2cc3787889374fbeb4c81b17ba6c44");
}

TEST(SystemRandom, DoesNotRepeatItself) {
    SystemRandom random;
    EXPECT_NE(random.u64(), random.u64());
    random.fill({});
}

TEST(Certificate, IsSelfSignedAndNamesItsFingerprint) {
    const WallTime now{1'700'000'000'000};
    const auto certificate = make_certificate(now);
    const auto& inside = dynamic_cast<const OpensslCertificate&>(*certificate);
    EXPECT_EQ(X509_verify(inside.x509(), inside.key()), 1);
    EXPECT_EQ(EVP_PKEY_get_id(inside.key()), EVP_PKEY_EC);
    EXPECT_EQ(EVP_PKEY_get_bits(inside.key()), 256);

    uint8_t* der = nullptr;
    const int size = i2d_X509(inside.x509(), &der);
    ASSERT_GT(size, 0);
    std::string wanted;
    for (char c : hex(sha256(Bytes(der, static_cast<size_t>(size))))) {
        if (wanted.size() % 3 == 2) wanted += ':';
        wanted += static_cast<char>(std::toupper(c));
    }
    OPENSSL_free(der);
    EXPECT_EQ(certificate->sha256_fingerprint(), wanted);
    EXPECT_EQ(certificate->sha256_fingerprint().size(), 95u);
}

TEST(Certificate, IsValidFromTheDayBeforeForThirtyDays) {
    const WallTime now{1'700'000'000'000};
    const auto certificate = make_certificate(now);
    const X509* x509 = dynamic_cast<const OpensslCertificate&>(*certificate).x509();
    EXPECT_EQ(ASN1_TIME_cmp_time_t(X509_get0_notBefore(x509), now.unix_seconds() - 86400), 0);
    EXPECT_EQ(ASN1_TIME_cmp_time_t(X509_get0_notAfter(x509), now.unix_seconds() + 30 * 86400), 0);
    EXPECT_NE(make_certificate(now)->sha256_fingerprint(), certificate->sha256_fingerprint());
}

}  // namespace
}  // namespace crosspoint::crypto
