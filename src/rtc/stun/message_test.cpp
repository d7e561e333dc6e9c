#include "rtc/stun/message.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace crosspoint::rtc::stun {
namespace {

// RFC 5769 2.1 to 2.3.
constexpr std::string_view kRequest =
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b1"
    "51263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";
constexpr std::string_view kResponseV4 =
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643000800142b91f599"
    "fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";
constexpr std::string_view kResponseV6 =
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179bc25f4b5"
    "bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c";
const crypto::HmacSha1 kKey(as_bytes("VOkJxbRl1RmTxUk/WvJxBt"));
const crypto::HmacSha1 kOtherKey(as_bytes("VOkJxbRl1RmTxUk/WvJxBu"));
constexpr TransactionId kTransaction{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

Buffer a_check() {
    Buffer memory(300);
    MessageWriter writer(memory, MessageClass::Request, kBinding, kTransaction);
    writer.username("remote", "us");
    writer.priority(0x6e7f1eff);
    writer.ice_controlling(0x0123456789abcdef);
    writer.use_candidate();
    writer.integrity(kKey);
    return to_buffer(writer.finish());
}

}  // namespace

TEST(Stun, ReadsTheRequestOfRfc5769) {
    const Buffer bytes = *from_hex(kRequest);
    EXPECT_TRUE(looks_like_stun(bytes));
    const auto message = Message::parse(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->kind, MessageClass::Request);
    EXPECT_EQ(message->method, kBinding);
    EXPECT_EQ(hex(message->transaction), "b7e7a701bc34d686fa87dfae");
    EXPECT_EQ(message->username, "evtj:h6vY");
    EXPECT_EQ(message->priority, 0x6e0001ffu);
    EXPECT_EQ(message->ice_controlled, 0x932ff9b151263b36u);
    EXPECT_FALSE(message->ice_controlling);
    EXPECT_FALSE(message->use_candidate);
    EXPECT_TRUE(message->has_fingerprint);
    EXPECT_TRUE(message->authentic(kKey));
    EXPECT_FALSE(message->authentic(kOtherKey));
}

TEST(Stun, ReadsTheResponsesOfRfc5769) {
    const Buffer v4 = *from_hex(kResponseV4);
    const auto first = Message::parse(v4);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->kind, MessageClass::Success);
    EXPECT_EQ(first->mapped_address, NetAddress::parse("192.0.2.1", 32853));
    EXPECT_TRUE(first->authentic(kKey));
    const Buffer v6 = *from_hex(kResponseV6);
    const auto second = Message::parse(v6);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->mapped_address, NetAddress::parse("2001:db8:1234:5678:11:2233:4455:6677", 32853));
    EXPECT_TRUE(second->authentic(kKey));
}

TEST(Stun, ReadsWhatItWrites) {
    const Buffer bytes = a_check();
    const auto check = Message::parse(bytes);
    ASSERT_TRUE(check);
    EXPECT_EQ(check->transaction, kTransaction);
    EXPECT_EQ(check->username, "remote:us");
    EXPECT_EQ(check->receiver_ufrag(), "remote");
    EXPECT_EQ(check->priority, 0x6e7f1effu);
    EXPECT_EQ(check->ice_controlling, 0x0123456789abcdefu);
    EXPECT_TRUE(check->use_candidate);
    EXPECT_TRUE(check->authentic(kKey));
    EXPECT_EQ(check->unknown_count, 0u);
}

TEST(Stun, WritesAddressesAsTheVectorsHaveThem) {
    for (const char* ip : {"192.0.2.1", "2001:db8:1234:5678:11:2233:4455:6677"}) {
        Buffer memory(200);
        const auto address = NetAddress::parse(ip, 32853);
        MessageWriter writer(memory, MessageClass::Success, kBinding, kTransaction);
        writer.xor_mapped_address(*address);
        const auto message = Message::parse(writer.finish());
        ASSERT_TRUE(message);
        EXPECT_EQ(message->mapped_address, address);
        EXPECT_FALSE(message->authentic(kKey));
    }
}

TEST(Stun, WritesErrors) {
    for (const ErrorCode code :
         {ErrorCode::BadRequest, ErrorCode::Unauthenticated, ErrorCode::UnknownAttribute, ErrorCode::RoleConflict}) {
        Buffer memory(200);
        MessageWriter writer(memory, MessageClass::Error, kBinding, kTransaction);
        writer.error(code);
        writer.unknown_attributes(std::array<uint16_t, 3>{1, 2, 3});
        const auto message = Message::parse(writer.finish());
        ASSERT_TRUE(message);
        EXPECT_EQ(message->kind, MessageClass::Error);
        EXPECT_EQ(message->error_code, static_cast<uint16_t>(code));
        EXPECT_EQ(message->unknown_count, 0u);
    }
}

TEST(Stun, EveryCutAndEveryFlippedByteIsRefused) {
    const Buffer bytes = a_check();
    for (size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(Message::parse(Bytes(bytes).first(cut))) << cut;
    for (size_t at = 0; at < bytes.size(); ++at) {
        Buffer damaged = bytes;
        damaged[at] ^= 0x20;
        const auto message = Message::parse(damaged);
        EXPECT_FALSE(message && message->has_fingerprint && message->authentic(kKey)) << at;
    }
}

TEST(Stun, UnknownAttributesThatMustBeUnderstoodAreListed) {
    // Type 0x7777, empty, ten times; then 0x9999, which may be ignored.
    std::string text = "0001002c2112a4420102030405060708090a0b0c";
    for (int i = 0; i < 10; ++i) text += "77770000";
    const auto message = Message::parse(*from_hex(text + "99990000"));
    ASSERT_TRUE(message);
    EXPECT_EQ(message->unknown_attributes().size(), 8u);
    EXPECT_EQ(message->unknown_attributes()[0], 0x7777);
}

TEST(Stun, WhatFollowsTheIntegrityDoesNotCount) {
    Buffer memory(300);
    MessageWriter writer(memory, MessageClass::Request, kBinding, kTransaction);
    writer.integrity(kKey);
    writer.use_candidate();
    const auto message = Message::parse(writer.finish());
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->authentic(kKey));
    EXPECT_FALSE(message->use_candidate);
}

TEST(Stun, AttributesOfTheWrongSizeSayNothing) {
    const auto message =
        Message::parse(*from_hex("000100182112a4420102030405060708090a0b0c"
                                 "0024000300000000"
                                 "8029000400000000"
                                 "0020000400010000"));
    ASSERT_TRUE(message);
    EXPECT_FALSE(message->priority || message->ice_controlled || message->mapped_address);
}

TEST(Stun, WhatDoesNotFitIsNotWritten) {
    for (size_t room = 0; room < a_check().size(); ++room) {
        Buffer memory(room);
        MessageWriter writer(memory, MessageClass::Request, kBinding, kTransaction);
        writer.username("remote", "us");
        writer.priority(1);
        writer.ice_controlling(2);
        writer.use_candidate();
        writer.integrity(kKey);
        EXPECT_TRUE(writer.finish().empty());
    }
}

TEST(Stun, OtherProtocolsDoNotLookLikeIt) {
    EXPECT_FALSE(looks_like_stun(*from_hex("800100002112a4420102030405060708090a0b0c")));
    EXPECT_FALSE(looks_like_stun(*from_hex("000100002112a4430102030405060708090a0b0c")));
    EXPECT_FALSE(looks_like_stun(*from_hex("000100042112a4420102030405060708090a0b0c")));
    EXPECT_FALSE(looks_like_stun(*from_hex("280100002112a4420102030405060708090a0b0c")));
    EXPECT_TRUE(looks_like_stun(*from_hex("000100002112a4420102030405060708090a0b0c")));
}

}  // namespace crosspoint::rtc::stun
