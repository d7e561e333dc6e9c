#pragma once
#include <string_view>

#include "api/call.h"
#include "api/json.h"

// Rows 10 and 11 of spec 1.3, and the Subscriptions object that row 8 has too.
namespace crosspoint::api {

RestAnswer get_participant_subscriptions(RestCall& call);
RestAnswer update_participant_subscriptions(RestCall& call);

/// Spec 1.4.1. An entry for a participant named before adds its aliases to the earlier one's.
Result<sessions::Subscription, Problem> read_subscription(std::string_view body);

/// `session` is the one the subscription is for; it is stated whenever there is something to state.
json::object to_json(const sessions::Subscription& subscription, const SessionId& session);

}  // namespace crosspoint::api
