#include "api/device/rpc.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace crosspoint::api::device {
namespace {

namespace json = boost::json;

RpcCall call_of(std::string_view text) {
    auto call = parse_call(text);
    EXPECT_TRUE(call) << call.error().error.message;
    return *call;
}

RpcRefusal refusal_of(std::string_view text) {
    const auto call = parse_call(text);
    EXPECT_FALSE(call) << text;
    return call ? RpcRefusal{} : call.error();
}

}  // namespace

TEST(Rpc, TheIdKeepsItsType) {
    EXPECT_EQ(call_of(R"({"jsonrpc":"2.0","method":"ping","params":{},"id":7})").id, json::value(7));
    EXPECT_EQ(call_of(R"({"jsonrpc":"2.0","method":"ping","params":{},"id":"7"})").id, json::value("7"));
    EXPECT_EQ(call_of(R"({"jsonrpc":"2.0","method":"ping","id":18446744073709551615})").id, json::value(UINT64_MAX));
    EXPECT_EQ(result_text(7, {}), R"({"jsonrpc":"2.0","id":7,"result":{}})");
    EXPECT_EQ(result_text("7", {}), R"({"jsonrpc":"2.0","id":"7","result":{}})");
}

TEST(Rpc, WithoutIdItIsANotification) {
    EXPECT_FALSE(call_of(R"({"jsonrpc":"2.0","method":"leave","params":null})").id);
    EXPECT_FALSE(call_of(R"({"jsonrpc":"2.0","method":"leave","params":{},"id":null})").id);
    EXPECT_FALSE(call_of(R"({"jsonrpc":"2.0","method":"leave"})").id);
}

TEST(Rpc, ANotificationIsNeverRefusedForItsParams) {
    // JSON-RPC 2.0 4.1: nobody waits for an answer to it.
    EXPECT_EQ(call_of(R"({"jsonrpc":"2.0","method":"leave","params":[1]})").method, "leave");
    EXPECT_TRUE(call_of(R"({"jsonrpc":"2.0","method":"leave","params":"now"})").params.empty());
}

TEST(Rpc, WhatIsNoCallIsRefusedByItsKind) {
    for (const char* text : {"", "{", "ping", "{\"a\":\"\xff\"}", "{}{}", "\xef\xbb\xbf{}"})
        EXPECT_EQ(refusal_of(text).error.code, RpcCode::ParseError) << text;
    for (const char* text : {"null", "7", "\"ping\"", "[]", R"([{"jsonrpc":"2.0","method":"ping","id":1}])", "{}",
                             R"({"id":1})", R"({"method":5,"id":1})", R"({"method":"ping","id":{}})",
                             R"({"method":"ping","id":[1]})", R"({"method":"ping","id":true})"})
        EXPECT_EQ(refusal_of(text).error.code, RpcCode::InvalidRequest) << text;
    EXPECT_EQ(refusal_of(R"({"method":"ping","params":[1],"id":1})").error.code, RpcCode::InvalidParams);
    EXPECT_EQ(refusal_of(std::string(100, '[') + std::string(100, ']')).error.code, RpcCode::ParseError);
}

TEST(Rpc, ARefusalGoesToTheIdWhenThereIsOne) {
    EXPECT_EQ(refusal_of(R"({"method":"ping","params":7,"id":"x"})").id, json::value("x"));
    EXPECT_EQ(refusal_of(R"({"id":3})").id, json::value(3));
    EXPECT_TRUE(refusal_of("{").id.is_null());
    EXPECT_TRUE(refusal_of(R"({"method":"ping","id":{}})").id.is_null());
    EXPECT_TRUE(refusal_of(R"({"method":"ping","id":")" + std::string(257, 'x') + "\"}").id.is_null());
    EXPECT_EQ(error_text(nullptr, {RpcCode::ParseError, "no"}),
              R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}})");
}

TEST(Rpc, NotificationsToTheClientHaveParamsAndNoId) {
    EXPECT_EQ(notification_text("sdpOffer", {}), R"({"jsonrpc":"2.0","method":"sdpOffer","params":{}})");
}

TEST(Rpc, ATextMemberIsNamedInItsError) {
    const json::object object{{"a", "x"}, {"b", 7}};
    EXPECT_EQ(*text_member(object, "a"), "x");
    EXPECT_NE(text_member(object, "b").error().message.find('b'), std::string::npos);
    EXPECT_EQ(text_member(object, "c").error().code, RpcCode::InvalidParams);
}

}  // namespace crosspoint::api::device
