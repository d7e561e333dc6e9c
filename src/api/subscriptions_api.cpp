#include "api/subscriptions_api.h"

#include <fmt/format.h>

#include <algorithm>

namespace crosspoint::api {
namespace {

constexpr size_t kMaxEntries = 200;
constexpr size_t kMaxAliases = 100;
constexpr size_t kMaxAliasLength = 256;
constexpr size_t kMaxIdLength = 256;

/// No aliases at all means all streams, whatever the other entry says.
void merge_aliases(std::vector<std::string>& into, std::vector<std::string> more) {
    if (into.empty()) return;
    if (more.empty()) return into.clear();
    for (auto& alias : more)
        if (!std::ranges::count(into, alias)) into.push_back(std::move(alias));
}

void add(sessions::ChosenParticipants& chosen, sessions::FromParticipant entry) {
    const auto known = std::ranges::find(chosen.entries, entry.participant, &sessions::FromParticipant::participant);
    if (known == chosen.entries.end())
        chosen.entries.push_back(std::move(entry));
    else
        merge_aliases(known->aliases, std::move(entry.aliases));
}

Result<sessions::ChosenParticipants, Problem> read_entries(const std::vector<const json::object*>& entries) {
    sessions::ChosenParticipants chosen;
    for (size_t i = 0; i < entries.size(); ++i) {
        Fields in(*entries[i], fmt::format("participants[{}].", i));
        const ParticipantId participant(in.required_text("participantId", kMaxIdLength));
        auto aliases = in.texts("streamAliases", kMaxAliases, kMaxAliasLength);
        if (in.problem()) return *in.problem();
        add(chosen, {participant, std::move(aliases)});
    }
    return chosen;
}

json::object to_json(const sessions::FromParticipant& entry) {
    json::object body{{"participantId", entry.participant.value}};
    if (!entry.aliases.empty()) body["streamAliases"] = json::value_from(entry.aliases);
    return body;
}

}  // namespace

Result<sessions::Subscription, Problem> read_subscription(std::string_view text) {
    const auto body = parse_body(text);
    if (!body) return body.error();
    Fields in(*body);
    const auto session = in.text("sessionId", kMaxIdLength);  // the path says which; another value here is ignored
    const auto entries = in.objects("participants", kMaxEntries);
    if (in.problem()) return *in.problem();
    auto chosen = read_entries(entries);
    if (!chosen) return chosen.error();
    if (!chosen->entries.empty()) return sessions::Subscription(std::move(*chosen));
    if (session && !session->empty()) return sessions::Subscription(sessions::WholeSession{});
    return sessions::Subscription(sessions::NoStreams{});
}

json::object to_json(const sessions::Subscription& subscription, const SessionId& session) {
    json::object body;
    if (std::holds_alternative<sessions::NoStreams>(subscription)) return body;
    body["sessionId"] = session.value;
    if (const auto* chosen = std::get_if<sessions::ChosenParticipants>(&subscription)) {
        json::array& participants = body["participants"].emplace_array();
        for (const auto& entry : chosen->entries) participants.push_back(to_json(entry));
    }
    return body;
}

RestAnswer get_participant_subscriptions(RestCall& call) {
    const auto session = call.session();
    const auto subscription = call.directory.subscription(call.account, session, call.participant());
    if (!subscription) return problem(subscription.error());
    return json_response(200, to_json(*subscription, session));
}

RestAnswer update_participant_subscriptions(RestCall& call) {
    auto subscription = read_subscription(call.body);
    if (!subscription) return subscription.error();
    const auto done = call.directory.subscribe(call.account, call.session(), call.participant(),
                                               std::move(*subscription), call.changes);
    if (!done) return problem(done.error());
    return no_content();
}

}  // namespace crosspoint::api
