#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "api/effects.h"
#include "api/errors.h"
#include "base/result.h"
#include "base/time.h"
#include "sessions/directory.h"

namespace crosspoint::api {

/// How much a client may say.
struct RestLimits {
    size_t body_bytes = 64 * 1024;
    size_t target_bytes = 4096;
    size_t tag_characters = 256;    // 50 are documented (spec 1.4.2), but samples use names
    size_t waiting_requests = 256;  // for their passwords to be checked
};

/// One authenticated request to the sessions API.
struct RestCall {
    const AccountId& account;
    std::vector<std::string> ids;  // what stands at the `*` of the endpoint's path, decoded
    const std::string& body;
    Now now;
    const RestLimits& limits;
    sessions::Directory& directory;
    sessions::Effects& changes;

    SessionId session() const { return SessionId(ids.front()); }
    ParticipantId participant() const { return ParticipantId(ids.back()); }
};

using RestAnswer = Result<HttpResponse, Problem>;

/// The answer to what has been done and says nothing more.
inline HttpResponse no_content() { return {204, {}, {}}; }

}  // namespace crosspoint::api
