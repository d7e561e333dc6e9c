#pragma once
#include "api/call.h"
#include "api/json.h"

// Rows 1 to 3 of spec 1.3: participants and their tokens.
namespace crosspoint::api {

RestAnswer create_participant(RestCall& call);
RestAnswer get_participant(RestCall& call);
RestAnswer delete_participant(RestCall& call);

/// Without a null anywhere but in `callbackUrl`: the hosted service's Node SDK refuses others (spec 1.1).
json::object to_json(const sessions::Participant& participant);

}  // namespace crosspoint::api
