#include "api/errors.h"

#include "api/json.h"

namespace crosspoint::api {

Problem problem(sessions::Refusal refusal) {
    using sessions::Refusal;
    switch (refusal) {
        case Refusal::SessionNotFound: return {404, "Session not found"};
        case Refusal::ParticipantNotFound: return {404, "Participant not found"};
        case Refusal::NotAMember: return {404, "Participant is not in this session"};
        case Refusal::InAnotherSession: return {409, "Participant is already in another session"};
        case Refusal::SessionFull: return {409, "Session is full"};
        case Refusal::TooManySessions: return {403, "The account has as many sessions as it may have"};
        case Refusal::TooManyParticipants: return {403, "The account has as many participants as it may have"};
    }
    return {};
}

HttpResponse error_response(const Problem& problem, const std::string& request_id) {
    if (problem.status == 401 || problem.status == 403)
        return json_response(problem.status, {{"message", problem.message}});
    return json_response(problem.status, {{"error", problem.message}, {"requestId", request_id}});
}

}  // namespace crosspoint::api
