#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

// JSON-RPC 2.0 as the device socket speaks it (spec 2.2).
namespace crosspoint::api::device {

enum class RpcCode : int {
    ParseError = -32700,
    InvalidRequest = -32600,
    MethodNotFound = -32601,
    InvalidParams = -32602,
    Application = -32000,
    TooManyMessages = -32029,
};

struct RpcError {
    RpcCode code = RpcCode::Application;
    std::string message;
};

/// One request or notification of the client.
struct RpcCall {
    std::optional<boost::json::value> id;  // absent in a notification; echoed with the type it came in
    std::string method;
    boost::json::object params;  // empty when they were null or absent, or no object in a notification
};

/// What could not be read as a call, with the id to answer to (null when there was none).
struct RpcRefusal {
    boost::json::value id;
    RpcError error;
};

/// Does not ask for `"jsonrpc":"2.0"`, which tells us nothing. Batches are no calls: no client makes any (spec 2.2).
Result<RpcCall, RpcRefusal> parse_call(std::string_view text);

std::string result_text(const boost::json::value& id, boost::json::object result);
std::string error_text(const boost::json::value& id, const RpcError& error);
/// The standard form, without id and with params: the only one that all clients understand.
std::string notification_text(std::string_view method, boost::json::object params);

/// The text member `name`; an error that names it when it is missing or something else.
Result<std::string_view, RpcError> text_member(const boost::json::object& object, std::string_view name);

}  // namespace crosspoint::api::device
