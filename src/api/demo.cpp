#include "api/demo.h"

#include "api/json.h"
#include "api/webhook_signature.h"

namespace crosspoint::api {
namespace {

constexpr std::string_view kRooms = "/demo/rooms/";
constexpr std::string_view kParticipants = "/participants";
constexpr std::string_view kCallbacks = "/demo/callbacks";
constexpr std::string_view kPeople = "/demo/people";
constexpr std::string_view kTokens = "/demo/people/tokens";
constexpr size_t kMaxRoom = 64;
constexpr size_t kMaxName = 50;

HttpResponse refusal(int status, std::string_view why) { return json_response(status, json::object{{"error", why}}); }

/// The {room} of the path; nothing when the path is another one.
std::optional<std::string> room_of(std::string_view target) {
    const std::string_view path = target.substr(0, target.find('?'));
    if (!path.starts_with(kRooms) || !path.ends_with(kParticipants)) return std::nullopt;
    if (path.size() < kRooms.size() + kParticipants.size()) return std::nullopt;
    return std::string(path.substr(kRooms.size(), path.size() - kRooms.size() - kParticipants.size()));
}

bool is_room_name(const std::string& room) {
    const auto allowed = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; };
    return !room.empty() && room.size() <= kMaxRoom && std::all_of(room.begin(), room.end(), allowed);
}

/// People who are there from the first token on, so that the first to come finds others to write to.
constexpr std::string_view kFirstPeople[] = {"Ann", "Bob", "Cem", "Dora"};
constexpr size_t kMaxPerson = 30;
constexpr std::string_view kUserPrefix = "demo-";
constexpr size_t kMaxUserId = 64;
constexpr std::string_view kHexDigits = "0123456789abcdef";

HttpResponse only(int status, std::string_view why, std::string allow) {
    HttpResponse response = refusal(status, why);
    response.headers.push_back({"Allow", std::move(allow)});
    return response;
}

/// User and profile of the one with this name. It can be read back (name_of), so that no table of names is needed.
std::string user_of(std::string_view name) {
    std::string id(kUserPrefix);
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte)) {
            id += c;
            continue;
        }
        id += '_';
        id += kHexDigits[byte >> 4];
        id += kHexDigits[byte & 15];
    }
    return id;
}

/// Nothing when the user is none of the demo's.
std::optional<std::string> name_of(std::string_view user) {
    if (!user.starts_with(kUserPrefix)) return std::nullopt;
    std::string name;
    for (std::string_view rest = user.substr(kUserPrefix.size()); !rest.empty();) {
        const bool escaped = rest.front() == '_' && rest.size() >= 3;
        const size_t high = escaped ? kHexDigits.find(rest[1]) : 0;
        const size_t low = escaped ? kHexDigits.find(rest[2]) : 0;
        name += escaped ? static_cast<char>(high << 4 | low) : rest.front();
        rest.remove_prefix(escaped ? 3 : 1);
    }
    // Anybody may make users, also such whose ids only look like ours.
    const bool is_ours = !name.empty() && user_of(name) == user && parse_json(json::serialize(json::value(name)));
    return is_ours ? std::optional(std::move(name)) : std::nullopt;
}

}  // namespace

/// The REST and administration APIs as one request of a demo page calls them.
struct Demo::Caller {
    Routes& routes;
    const HttpRequest& from;
    const api::Caller& self;
    Now now;
    Effects& out;
    sessions::Effects& changes;

    /// Status and parsed body (null when there is none).
    std::pair<int, json::value> call(std::string method, std::string target, const json::value& body = nullptr) {
        // No id: what is answered later, nobody waits for.
        HttpRequest request{RequestId{}, std::move(method), std::move(target), {}, "", from.peer, from.tls};
        if (!body.is_null()) {
            request.headers.push_back({"Content-Type", "application/json"});
            request.body = json::serialize(body);
        }
        const HttpResponse response = routes.handle_as(self, request, now, out, changes);
        return {response.status, response.body.empty() ? json::value() : json::parse(response.body)};
    }
};

Statement Demo::select_rooms() { return {"SELECT room, session FROM demo_rooms", {}}; }

void Demo::restore(const std::vector<Row>& rows) {
    for (const Row& row : rows) sessions_[row.text(0)] = row.text(1);
}

void Demo::handle(const HttpRequest& request, Now now, Effects& out, sessions::Effects& changes) {
    Caller rest{routes_, request, self_, now, out, changes};
    HttpResponse response = answer(request, rest);
    out.outputs.emplace_back(Respond{request.id, std::move(response)});
}

HttpResponse Demo::answer(const HttpRequest& request, Caller& rest) {
    if (request.target == kCallbacks && request.method == "POST") return callback(request, rest);
    if (request.target == kPeople) return request.method == "GET" ? list_people(rest) : only(405, "GET only", "GET");
    if (request.target == kTokens)
        return request.method == "POST" ? create_token(request, rest) : only(405, "POST only", "POST");
    const auto room = room_of(request.target);
    if (!room) return refusal(404, "there is nothing at this path");
    if (!is_room_name(*room)) return refusal(400, "room: 1 to 64 letters, digits, - and _");
    if (request.method == "GET") return list(*room, rest);
    if (request.method == "POST") return join(*room, request, rest);
    return only(405, "GET or POST", "GET, POST");
}

std::string Demo::session_of(const std::string& room, Caller& rest) {
    const auto known = sessions_.find(room);
    if (known != sessions_.end() && rest.call("GET", base_ + "/sessions/" + known->second).first == 200)
        return known->second;
    const auto [status, session] = rest.call("POST", base_ + "/sessions", json::object{{"tag", "demo-" + room}});
    if (status != 200) return {};
    std::string id(session.as_object().at("id").as_string());
    sessions_[room] = id;
    rest.out.statements.push_back(
        {"INSERT INTO demo_rooms (room, session) VALUES (:room, :session) "
         "ON CONFLICT (room) DO UPDATE SET session = excluded.session",
         {room, id}});
    return id;
}

HttpResponse Demo::join(const std::string& room, const HttpRequest& request, Caller& rest) {
    const auto body = parse_body(request.body);
    if (!body) return refusal(400, body.error().message);
    Fields in(*body);
    const std::string name = in.required_text("name", kMaxName);
    if (in.problem()) return refusal(400, in.problem()->message);

    const std::string session = session_of(room, rest);
    if (session.empty()) return refusal(503, "no session could be made");
    const std::string origin = (request.tls ? "https://" : "http://") + std::string(request.header("Host"));
    const auto [made, participant] = rest.call("POST", base_ + "/participants",
                                               json::object{{"tag", name},
                                                            {"publishPermissions", {"AUDIO", "VIDEO"}},
                                                            {"deviceApiVersion", "V3"},
                                                            {"callbackUrl", origin + std::string(kCallbacks)}});
    if (made != 200) return json_response(made, participant);
    const std::string id(participant.at("participant").at("id").as_string());
    const auto [added, why] =
        rest.call("PUT", base_ + "/sessions/" + session + "/participants/" + id, json::object{{"sessionId", session}});
    if (added != 204) {
        rest.call("DELETE", base_ + "/participants/" + id);
        return json_response(added, why);
    }
    forget_who_never_came(rest);
    coming_.insert(id);
    return json_response(
        200, json::object{{"token", participant.at("token")}, {"participantId", id}, {"sessionId", session}});
}

void Demo::forget_who_never_came(Caller& rest) {
    // Their participants end by themselves, and no event says so.
    std::erase_if(coming_,
                  [&](const std::string& id) { return rest.call("GET", base_ + "/participants/" + id).first == 404; });
}

HttpResponse Demo::list(const std::string& room, Caller& rest) {
    json::array people;
    const auto known = sessions_.find(room);
    if (known == sessions_.end()) return json_response(200, people);
    const auto [status, members] = rest.call("GET", base_ + "/sessions/" + known->second + "/participants");
    if (status == 404) return json_response(200, people);
    if (status != 200) return json_response(status, members);
    for (const json::value& member : members.as_array()) {
        if (coming_.contains(std::string(member.at("id").as_string()))) continue;
        // Anybody may add a participant to the room's session, also one without tag.
        const json::value* name = member.as_object().if_contains("tag");
        people.push_back(json::object{{"participantId", member.at("id")}, {"name", name ? *name : ""}});
    }
    return json_response(200, people);
}

HttpResponse Demo::create_token(const HttpRequest& request, Caller& rest) {
    const auto body = parse_body(request.body);
    if (!body) return refusal(400, body.error().message);
    Fields in(*body);
    const std::string name = in.required_text("name", kMaxPerson);
    if (in.problem()) return refusal(400, in.problem()->message);
    const std::string id = user_of(name);
    if (id.size() > kMaxUserId) return refusal(400, "name is too long");
    for (const std::string_view person : kFirstPeople) make_person(std::string(person), rest);
    make_person(name, rest);
    const auto [status, made] = rest.call("POST", admin_base_ + "/users/" + id + "/tokens");
    if (status != 200) return json_response(status, made);
    return json_response(
        200,
        json::object{{"token", made.at("token")}, {"appId", self_.account.value}, {"userId", id}, {"profileId", id}});
}

void Demo::make_person(const std::string& name, Caller& rest) {
    const std::string user = admin_base_ + "/users/" + user_of(name);
    // What a person has set in its profile since is not for us to reset.
    if (rest.call("PUT", user).first != 201) return;
    rest.call("PUT", user + "/profiles/" + user_of(name), json::object{{"nickname", name}});
}

HttpResponse Demo::list_people(Caller& rest) {
    const auto [status, list] = rest.call("GET", admin_base_ + "/users");
    if (status != 200) return json_response(status, list);
    std::set<std::string> names(std::begin(kFirstPeople), std::end(kFirstPeople));
    for (const json::value& user : list.at("users").as_array())
        if (auto name = name_of(user.at("id").as_string())) names.insert(std::move(*name));
    json::array people;
    for (const std::string& name : names) people.push_back(json::object{{"name", name}, {"profileId", user_of(name)}});
    return json_response(200, people);
}

HttpResponse Demo::callback(const HttpRequest& request, Caller& rest) {
    if (!is_signed_webhook(webhook_secret_, request, rest.now.wall))
        return refusal(401, "the signature is missing or wrong");
    const auto body = parse_body(request.body);
    if (!body) return refusal(400, body.error().message);
    Fields in(*body);
    const std::string event = in.required_text("event", kMaxName);
    const std::string id = in.required_text("participantId", kMaxName);
    if (in.problem()) return refusal(400, in.problem()->message);
    coming_.erase(id);
    if (event == "onLeave") rest.call("DELETE", base_ + "/participants/" + id);
    return no_content();
}

}  // namespace crosspoint::api
