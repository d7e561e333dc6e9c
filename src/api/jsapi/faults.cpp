#include "api/jsapi/faults.h"

#include "api/jsapi/words.h"

namespace crosspoint::api::jsapi {
namespace {

namespace json = boost::json;

struct Kind {
    int code;
    std::string_view name;
    std::string_view message;
};

Kind kind(chains::Refusal refusal) {
    using enum chains::Refusal;
    switch (refusal) {
        case BadMessage: return {4000, "bad_message", "The message is malformed"};
        case BadArgument: return {4001, "bad_argument", "A value is wrong"};
        case UnknownType: return {4002, "unknown_type", "There is no such type of message"};
        case Unsupported: return {4004, "unsupported", "This is not supported"};
        case Unauthenticated: return {4010, "unauthenticated", "The token is not valid"};
        case TokenExpired: return {4011, "token_expired", "The token has expired"};
        case Forbidden: return {4030, "forbidden", "The token does not allow this"};
        case ForbiddenProfile: return {4031, "forbidden_profile", "This is no profile that the connection may use"};
        case SelfCall: return {4032, "self_call", "A user cannot call itself"};
        case PstnForbidden: return {4033, "pstn_forbidden", "This telephone number may not be called"};
        case NotFound: return {4040, "not_found", "There is no such thing"};
        case WrongState: return {4090, "wrong_state", "This cannot be done in this state"};
        case AlreadyAccepted: return {4091, "already_accepted", "The call was answered on another connection"};
        case CallEnded: return {4092, "call_ended", "The call has ended"};
        case ChainBusy: return {4093, "chain_busy", "The chain has a live call"};
        case NotActive: return {4094, "not_active", "This connection is not the active one"};
        case Conflict: return {4095, "conflict", "Something else came first"};
        case ConnectionBusy: return {4096, "connection_busy", "This connection is in another call"};
        case AlreadyCalling: return {4097, "already_calling", "There is an unanswered call to that profile"};
        case AlreadyInCall: return {4098, "already_in_call", "There is a call with that profile"};
        case TooLarge: return {4130, "too_large", "This is longer than allowed"};
        case TooMany: return {4131, "too_many", "These are more than allowed"};
        case RateLimited: return {4290, "rate_limited", "These messages come too fast"};
        case Internal: return {5000, "internal", "The server failed"};
        case Unavailable: return {5030, "unavailable", "This is not possible at present"};
    }
    return {};
}

json::object to_json(const Kind& kind) { return {{"code", kind.code}, {"name", kind.name}, {"message", kind.message}}; }

json::object details(const chains::Refused& refused) {
    json::object details;
    if (!refused.field.empty()) details["field"] = refused.field;
    if (refused.state) details["state"] = word(*refused.state);
    if (refused.connection) details["connectionId"] = refused.connection->value;
    if (refused.call) details["callId"] = refused.call->value;
    if (refused.end_reason) details["endReason"] = word(*refused.end_reason);
    if (refused.retry_after) details["retryAfterMs"] = refused.retry_after->count();
    return details;
}

}  // namespace

json::object fault_json(const chains::Refused& refused) {
    json::object fault = to_json(kind(refused.why));
    if (json::object more = details(refused); !more.empty()) fault["details"] = std::move(more);
    return fault;
}

json::object unsupported_version_json() {
    return to_json({4003, "unsupported_version", "This server speaks version 1"});
}

}  // namespace crosspoint::api::jsapi
