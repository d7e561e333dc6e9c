#pragma once
#include <string>

#include "api/effects.h"
#include "sessions/model.h"

// What a refused request is answered with (spec 1.2).
namespace crosspoint::api {

struct Problem {
    int status = 500;
    std::string message;
};

Problem problem(sessions::Refusal refusal);

/// 401 and 403 have the body {"message"}, all others {"error","requestId"}.
HttpResponse error_response(const Problem& problem, const std::string& request_id);

}  // namespace crosspoint::api
