#include "api/device/rpc.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace crosspoint::api::device {

namespace json = boost::json;

namespace {

constexpr size_t kMaxDepth = 32;
constexpr size_t kMaxId = 256;  // bytes; mobile clients send UUIDs

bool is_id(const json::value& id) { return id.is_number() || (id.is_string() && id.get_string().size() <= kMaxId); }

RpcRefusal refuse(json::value id, RpcCode code, std::string message) {
    return {std::move(id), {code, std::move(message)}};
}

}  // namespace

Result<RpcCall, RpcRefusal> parse_call(std::string_view text) {
    json::parse_options options;
    options.max_depth = kMaxDepth;
    boost::system::error_code failed;
    json::value message = json::parse(text, failed, {}, options);
    if (failed) return refuse(nullptr, RpcCode::ParseError, "the message is not JSON: " + failed.message());
    json::object* object = message.if_object();
    if (object == nullptr) return refuse(nullptr, RpcCode::InvalidRequest, "the message is not an object");

    RpcCall call;
    if (const json::value* id = object->if_contains("id"); id != nullptr && !id->is_null()) {
        if (!is_id(*id))
            return refuse(nullptr, RpcCode::InvalidRequest, "id is neither a number nor a string of at most 256 bytes");
        call.id = *id;
    }
    const json::value answer_to = call.id.value_or(nullptr);
    const json::value* method = object->if_contains("method");
    if (method == nullptr || !method->is_string())
        return refuse(answer_to, RpcCode::InvalidRequest, "method is not a string");
    call.method = std::string(method->get_string());
    if (json::value* params = object->if_contains("params"); params != nullptr && !params->is_null()) {
        if (params->is_object())
            call.params = std::move(params->get_object());
        else if (call.id)  // JSON-RPC 2.0 4.1: a notification gets no answer, not even this one
            return refuse(answer_to, RpcCode::InvalidParams, "params is not an object");
    }
    return call;
}

std::string result_text(const json::value& id, json::object result) {
    return json::serialize(json::object{{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}});
}

std::string error_text(const json::value& id, const RpcError& error) {
    const json::object body{{"code", static_cast<int>(error.code)}, {"message", error.message}};
    return json::serialize(json::object{{"jsonrpc", "2.0"}, {"id", id}, {"error", body}});
}

std::string notification_text(std::string_view method, json::object params) {
    return json::serialize(json::object{{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}});
}

Result<std::string_view, RpcError> text_member(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string())
        return RpcError{RpcCode::InvalidParams, std::string(name) + " is not a string"};
    const json::string& text = value->get_string();
    return std::string_view(text.data(), text.size());
}

}  // namespace crosspoint::api::device
