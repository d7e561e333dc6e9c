#include "api/sessions_api.h"

#include "api/json.h"
#include "api/participants_api.h"
#include "api/subscriptions_api.h"

namespace crosspoint::api {
namespace {

json::object to_json(const sessions::Session& session) {
    json::object body{{"id", session.id.value}};
    if (session.tag) body["tag"] = *session.tag;
    return body;
}

}  // namespace

RestAnswer create_session(RestCall& call) {
    const auto body = parse_body(call.body);
    if (!body) return body.error();
    Fields in(*body);
    auto tag = in.text("tag", call.limits.tag_characters);
    if (in.problem()) return *in.problem();
    const auto session = call.directory.create_session(call.account, std::move(tag), call.now, call.changes);
    if (!session) return problem(session.error());
    return json_response(200, to_json(*session));
}

RestAnswer get_session(RestCall& call) {
    const auto session = call.directory.session(call.account, call.session());
    if (!session) return problem(session.error());
    return json_response(200, to_json(*session));
}

RestAnswer delete_session(RestCall& call) {
    const auto done = call.directory.delete_session(call.account, call.session(), call.changes);
    if (!done) return problem(done.error());
    return no_content();
}

RestAnswer list_session_participants(RestCall& call) {
    const auto members = call.directory.members(call.account, call.session());
    if (!members) return problem(members.error());
    json::array body;
    for (const auto& member : *members) body.push_back(to_json(member));
    return json_response(200, body);
}

RestAnswer add_participant_to_session(RestCall& call) {
    auto subscription = read_subscription(call.body);
    if (!subscription) return subscription.error();
    const auto done = call.directory.add_member(call.account, call.session(), call.participant(),
                                                std::move(*subscription), call.changes);
    if (!done) return problem(done.error());
    return no_content();
}

RestAnswer remove_participant_from_session(RestCall& call) {
    const auto done = call.directory.remove_member(call.account, call.session(), call.participant(), call.changes);
    if (!done) return problem(done.error());
    return no_content();
}

}  // namespace crosspoint::api
