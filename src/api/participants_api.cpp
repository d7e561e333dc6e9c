#include "api/participants_api.h"

#include <algorithm>

#include "api/subscriptions_api.h"

namespace crosspoint::api {
namespace {

constexpr size_t kMaxUrlLength = 2048;

sessions::CallbackUrl read_callback(Fields& in) {
    return {in.has("callbackUrl"), in.text("callbackUrl", kMaxUrlLength)};
}

sessions::Permissions read_permissions(Fields& in) {
    constexpr std::string_view kWhat = "must be an array of AUDIO and VIDEO, each at most once";
    sessions::Permissions permissions;
    for (const auto& name : in.texts("publishPermissions", 2, 16)) {
        bool* permission = name == "AUDIO" ? &permissions.audio : name == "VIDEO" ? &permissions.video : nullptr;
        if (!permission || *permission) {
            in.complain("publishPermissions", kWhat);
            break;
        }
        *permission = true;
    }
    return permissions;
}

// V3 in any letter case: a sample of the hosted service sends "v3" (spec 1.2).
void check_device_api_version(Fields& in) {
    const auto version = in.text("deviceApiVersion", 16);
    if (version && *version != "V3" && *version != "v3") in.complain("deviceApiVersion", "must be V3");
}

json::array to_json(const sessions::Permissions& permissions) {
    json::array names;
    if (permissions.audio) names.push_back("AUDIO");
    if (permissions.video) names.push_back("VIDEO");
    return names;
}

}  // namespace

json::object to_json(const sessions::Participant& participant) {
    json::object body{{"id", participant.id.value}};
    if (participant.callback.url)
        body["callbackUrl"] = *participant.callback.url;
    else if (participant.callback.given)
        body["callbackUrl"] = nullptr;
    body["publishPermissions"] = to_json(participant.permissions);
    json::array& sessions = body["sessions"].emplace_array();
    if (participant.session) sessions.push_back(json::string(participant.session->value));
    body["subscriptions"] = to_json(participant.subscription, participant.session.value_or(SessionId()));
    if (participant.tag) body["tag"] = *participant.tag;
    body["deviceApiVersion"] = "V3";
    return body;
}

RestAnswer create_participant(RestCall& call) {
    const auto body = parse_body(call.body);
    if (!body) return body.error();
    Fields in(*body);
    sessions::NewParticipant wanted;
    wanted.callback = read_callback(in);
    wanted.permissions = read_permissions(in);
    wanted.tag = in.text("tag", call.limits.tag_characters);
    check_device_api_version(in);
    if (in.problem()) return *in.problem();
    const auto made = call.directory.create_participant(call.account, std::move(wanted), call.now, call.changes);
    if (!made) return problem(made.error());
    return json_response(200, {{"participant", to_json(*made)}, {"token", call.directory.issue_token(*made)}});
}

RestAnswer get_participant(RestCall& call) {
    const auto participant = call.directory.participant(call.account, call.participant());
    if (!participant) return problem(participant.error());
    return json_response(200, to_json(*participant));
}

RestAnswer delete_participant(RestCall& call) {
    const auto done = call.directory.delete_participant(call.account, call.participant(), call.changes);
    if (!done) return problem(done.error());
    return no_content();
}

}  // namespace crosspoint::api
