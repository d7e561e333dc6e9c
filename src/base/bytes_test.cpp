#include "base/bytes.h"

#include <gtest/gtest.h>

namespace crosspoint {

TEST(ByteReader, ReadsBigEndian) {
    const Buffer raw{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 42};
    ByteReader in(raw);
    EXPECT_EQ(in.u8(), 1);
    EXPECT_EQ(in.u16(), 0x0203);
    EXPECT_EQ(in.u24(), 0x040506u);
    EXPECT_EQ(in.u32(), 0x0708090au);
    EXPECT_EQ(in.u64(), 0x0b0c0d0e0f101112u);
    EXPECT_EQ(in.rest().size(), 1u);
    EXPECT_TRUE(in.done());
}

TEST(ByteReader, RunningPastTheEndYieldsZerosAndIsRemembered) {
    const Buffer raw{1, 2, 3};
    ByteReader in(raw);
    EXPECT_EQ(in.u32(), 0u);
    EXPECT_FALSE(in.done());
    EXPECT_EQ(in.u8(), 0);
    EXPECT_EQ(in.remaining(), 0u);
    EXPECT_TRUE(in.bytes(1).empty());
}

TEST(ByteWriter, WritesWhatTheReaderReads) {
    Buffer room(32);
    ByteWriter out(room);
    out.u16(0);
    out.u24(0x010203);
    out.u64(0x1122334455667788);
    out.bytes(as_bytes("hello"));
    out.zeros(2);
    out.patch_u16(0, 0xabcd);
    ByteReader in(out.written());
    EXPECT_EQ(in.u16(), 0xabcd);
    EXPECT_EQ(in.u24(), 0x010203u);
    EXPECT_EQ(in.u64(), 0x1122334455667788u);
    EXPECT_EQ(as_text(in.bytes(5)), "hello");
    EXPECT_EQ(in.u16(), 0);
    EXPECT_TRUE(in.done());
    EXPECT_TRUE(out.done());
}

TEST(ByteWriter, WhatDoesNotFitIsNotWritten) {
    Buffer room(3);
    ByteWriter out(room);
    out.u32(1);
    EXPECT_FALSE(out.done());
    EXPECT_EQ(out.position(), 0u);
}

}  // namespace crosspoint
