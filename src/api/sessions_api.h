#pragma once
#include "api/call.h"

// Rows 4 to 9 of spec 1.3: sessions and who is in them.
namespace crosspoint::api {

RestAnswer create_session(RestCall& call);
RestAnswer get_session(RestCall& call);
RestAnswer delete_session(RestCall& call);
RestAnswer list_session_participants(RestCall& call);
RestAnswer add_participant_to_session(RestCall& call);
RestAnswer remove_participant_from_session(RestCall& call);

}  // namespace crosspoint::api
