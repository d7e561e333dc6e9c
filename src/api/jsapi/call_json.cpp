#include "api/jsapi/call_json.h"

#include <boost/json/array.hpp>

#include "api/jsapi/words.h"

namespace crosspoint::api::jsapi {
namespace {

namespace json = boost::json;

template <class Id>
void put(json::object& object, std::string_view name, const std::optional<Id>& id) {
    if (id) object[name] = id->value;
}
void put(json::object& object, std::string_view name, const std::optional<WallTime>& time) {
    if (time) object[name] = time->unix_milliseconds;
}
void put(json::object& object, std::string_view name, const std::optional<std::string>& text) {
    if (text) object[name] = *text;
}

json::object leg_json(const chains::LegView& leg) {
    return {{"id", leg.connection.value}, {"role", word(leg.role)}, {"state", word(leg.state)}};
}

json::object participant_json(const chains::ParticipantView& participant) {
    json::object object{{"id", participant.id.value},
                        {"kind", word(participant.kind)},
                        {"role", participant.initiator ? "initiator" : "receiver"},
                        {"state", word(participant.state)},
                        {"media", to_json(participant.media)},
                        {"mediaState", word(participant.media_state)},
                        {"held", participant.held}};
    put(object, "activeConnectionId", participant.active_connection);
    json::array ringing;
    for (const auto& connection : participant.ringing_connections) ringing.emplace_back(connection.value);
    object["ringingConnectionIds"] = std::move(ringing);
    if (participant.connections.empty()) return object;
    json::array connections;
    for (const auto& leg : participant.connections) connections.push_back(leg_json(leg));
    object["connections"] = std::move(connections);
    return object;
}

json::array participants_json(const std::vector<chains::ParticipantView>& participants) {
    json::array array;
    for (const auto& participant : participants) array.push_back(participant_json(participant));
    return array;
}

std::string_view outcome(const chains::RecordParticipant& participant) {
    if (participant.answered) return "answered";
    return participant.ignored ? "ignored" : word(participant.outcome);  // 6.1
}

json::object record_json(const chains::RecordParticipant& participant) {
    json::object object{{"id", participant.id.value}, {"outcome", outcome(participant)}};
    put(object, "joinedAt", participant.joined);
    put(object, "leftAt", participant.left);
    return object;
}

// ---- the bodies of 8.2, without what they all have ----

CallText text(const chains::CallNotice& notice) {
    json::object body;
    // These two are about an own connection; who its user is, is known.
    if (notice.what != chains::Notice::Pending && notice.what != chains::Notice::Ignore)
        body["profileId"] = notice.profile.value;
    put(body, "connectionId", notice.connection);
    return {word(notice.what), std::move(body)};
}

CallText text(const chains::CallInit& init) {
    json::object body{
        {"call", to_json(init.call)}, {"connectionId", init.call.connection.value}, {"role", word(init.role)}};
    if (!init.receiver.empty()) body["receiver"] = init.receiver.value;
    put(body, "localId", init.local_id);
    if (init.expires_in) body["expiresInMs"] = init.expires_in->count();
    if (init.silent) body["silent"] = true;
    put(body, "replaces", init.replaces);
    return {"call.init", std::move(body)};
}

CallText text(const chains::CallStateIs& state) {
    return {"call.state", {{"call", to_json(state.call)}, {"role", word(state.role)}}};
}

CallText text(const chains::CallAccepted& accepted) {
    json::object body{{"profileId", accepted.profile.value},
                      {"connectionId", accepted.connection.value},
                      {"media", to_json(accepted.media)}};
    put(body, "localId", accepted.local_id);
    return {"call.accept", std::move(body)};
}

CallText text(const chains::CallActivated& activated) {
    return {"call.activate",
            {{"profileId", activated.profile.value},
             {"connectionId", activated.connection.value},
             {"from", activated.from.value}}};
}

CallText text(const chains::CallUpdated& updated) {
    json::object body{{"profileId", updated.profile.value}};
    if (updated.media) body["media"] = to_json(*updated.media);
    if (updated.media_state) body["mediaState"] = word(*updated.media_state);
    if (updated.options) body["options"] = to_json(*updated.options);
    return {"call.update", std::move(body)};
}

CallText text(const chains::CallInvited& invited) {
    json::object body{{"participants", participants_json(invited.participants)}};
    put(body, "invitedBy", invited.invited_by);
    if (invited.again) body["again"] = true;
    return {"call.invite", std::move(body)};
}

CallText text(const chains::CallMedia& media) {
    return {"call.media",
            {{"mediaEpoch", media.epoch},
             {"sessionId", media.session.value},
             {"participantId", media.participant.value},
             {"deviceToken", media.device_token},
             {"url", media.url},
             {"publish", to_json(media.publish)}}};
}

CallText text(const chains::CallEnded& ended) {
    json::object body{{"endReason", word(ended.reason)}};
    put(body, "replacedBy", ended.replaced_by);
    if (ended.duration) body["durationMs"] = ended.duration->count();
    return {"call.end", std::move(body)};
}

}  // namespace

json::object to_json(const chains::MediaKinds& media) { return {{"audio", media.audio}, {"video", media.video}}; }

json::array to_json(const std::vector<chains::ProfileId>& profiles) {
    json::array array;
    for (const auto& profile : profiles) array.emplace_back(profile.value);
    return array;
}

json::object to_json(const chains::CallView& view) {
    json::object object{{"id", view.ref.call.value},
                        {"chainId", view.ref.chain.value},
                        {"from", view.from.value},
                        {"to", to_json(view.to)},
                        {"connectionId", view.connection.value},
                        {"options", to_json(view.options)},
                        {"state", word(view.state)},
                        {"rev", view.rev},
                        {"createdAt", view.created.unix_milliseconds}};
    put(object, "answeredAt", view.answered);
    put(object, "endedAt", view.ended);
    if (view.end_reason) object["endReason"] = word(*view.end_reason);
    put(object, "replaces", view.replaces);
    put(object, "replacedBy", view.replaced_by);
    object["participants"] = participants_json(view.participants);
    return object;
}

json::object to_json(const chains::CallRecord& record, bool live) {
    json::object object{{"callId", record.ref.call.value},    {"chainId", record.ref.chain.value},
                        {"from", record.from.value},          {"to", to_json(record.to)},
                        {"options", to_json(record.options)}, {"createdAt", record.created.unix_milliseconds}};
    put(object, "answeredAt", record.answered);
    if (!live) {
        object["endedAt"] = record.ended.unix_milliseconds;
        object["endReason"] = word(record.reason);
    }
    put(object, "replacedBy", record.replaced_by);
    json::array participants;
    for (const auto& participant : record.participants) participants.push_back(record_json(participant));
    object["participants"] = std::move(participants);
    return object;
}

CallText call_text(const chains::CallMessage& message) {
    CallText result = std::visit([](const auto& news) { return text(news); }, message.news);
    result.body["callId"] = message.ref.call.value;
    result.body["rev"] = message.rev;
    result.body["prev"] = message.prev;
    result.body["ts"] = message.ts.unix_milliseconds;
    return result;
}

}  // namespace crosspoint::api::jsapi
