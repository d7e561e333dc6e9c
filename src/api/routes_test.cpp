#include "api/routes.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/encoding.h"
#include "crypto/password.h"

namespace crosspoint::api {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr Now kNow{Timestamp(1000s), WallTime{1'700'000'000'000}};
const std::string kUnknownId = "00000000-0000-4000-8000-000000000000";

// Of "secret", with a cost that tests can afford.
const std::string kPasswordHash = "scrypt$4$8$1$MDEyMzQ1Njc4OWFiY2RlZg$gEeb_KeWbm5g-kBQOFr1yJbkjBxxxDOkhSmrSXFFwOg";

/// The sessions API with two accounts, spoken to by one client.
class RoutesTest : public testing::Test {
protected:
    RoutesTest() {
        directory_.add_account(AccountId("9900000"), changes_);
        directory_.add_account(AccountId("9900001"), changes_);
        changes_ = {};
    }

    HttpResponse send(std::string method, std::string target, std::string body = "",
                      std::string authorization = "Basic " + base64(as_bytes("alice:secret"))) {
        HttpRequest request{RequestId(42), std::move(method), std::move(target), {}, std::move(body), {}, false};
        if (!authorization.empty()) request.headers.push_back({"authorization", std::move(authorization)});
        Effects out;
        routes_.handle(request, kNow, out, changes_);
        EXPECT_EQ(out.outputs.size(), 1u);
        if (const auto* check = std::get_if<VerifyPassword>(&out.outputs.at(0))) out = verified(*check);
        EXPECT_EQ(out.outputs.size(), 1u);
        const auto& respond = std::get<Respond>(out.outputs.at(0));
        EXPECT_EQ(respond.request, request.id);
        return respond.response;
    }
    Effects verified(const VerifyPassword& check) {
        Effects out;
        const bool right = crypto::verify_password(check.password, check.stored_hash);
        routes_.password_verified({check.check, right}, kNow, out, changes_);
        return out;
    }
    /// Below the account's path.
    HttpResponse rest(std::string method, const std::string& path, std::string body = "") {
        return send(std::move(method), "/v1/accounts/9900000/" + path, std::move(body));
    }

    std::string new_session() { return created(rest("POST", "sessions")).at("id").as_string().c_str(); }
    std::string new_participant(const std::string& body = "") {
        return created(rest("POST", "participants", body)).at("participant").at("id").as_string().c_str();
    }
    std::string other_accounts_session() {
        return directory_.create_session(AccountId("9900001"), std::nullopt, kNow, changes_)->id.value;
    }
    std::string other_accounts_participant() {
        return directory_.create_participant(AccountId("9900001"), {}, kNow, changes_)->id.value;
    }

    SeededRandom random_{5};
    sessions::Directory directory_{random_};
    Auth auth_{{{AccountId("9900000"), {{"alice", kPasswordHash, Role::Account}}}}, random_};
    Routes routes_{directory_, auth_, random_};
    sessions::Effects changes_;

private:
    static boost::json::value created(const HttpResponse& response) {
        EXPECT_EQ(response.status, 200) << response.body;
        return boost::json::parse(response.body);
    }
};

std::string header(const HttpResponse& response, std::string_view name) {
    for (const auto& each : response.headers)
        if (each.name == name) return each.value;
    return {};
}

void expect_error(const HttpResponse& response, int status, std::string_view part_of_message) {
    ASSERT_EQ(response.status, status) << response.body;
    EXPECT_EQ(header(response, "Content-Type"), "application/json");
    const auto body = boost::json::parse(response.body).as_object();
    if (status == 401 || status == 403) {
        EXPECT_EQ(body.size(), 1u);
        EXPECT_THAT(std::string(body.at("message").as_string()), HasSubstr(part_of_message));
    } else {
        EXPECT_EQ(body.size(), 2u);
        EXPECT_THAT(std::string(body.at("error").as_string()), HasSubstr(part_of_message));
        EXPECT_EQ(body.at("requestId").as_string().size(), 36u);
    }
}

TEST_F(RoutesTest, ASessionFromItsBirthToItsEnd) {
    const auto made = rest("POST", "sessions", R"({"tag":"room-7"})");
    const auto id = std::string(boost::json::parse(made.body).at("id").as_string());
    const auto golden = fmt::format(R"({{"id":"{}","tag":"room-7"}})", id);
    EXPECT_EQ(made.status, 200);
    EXPECT_EQ(made.body, golden);
    EXPECT_EQ(changes_.statements.size(), 1u);
    EXPECT_EQ(rest("GET", "sessions/" + id).body, golden);
    EXPECT_EQ(rest("GET", "sessions/" + id + "/participants").body, "[]");

    const auto gone = rest("DELETE", "sessions/" + id);
    EXPECT_EQ(gone.status, 204);
    EXPECT_EQ(gone.body, "");
    expect_error(rest("DELETE", "sessions/" + id), 404, "Session not found");
}

TEST_F(RoutesTest, ASessionWithoutTagHasNone) {
    const auto id = new_session();
    EXPECT_EQ(rest("GET", "sessions/" + id).body, fmt::format(R"({{"id":"{}"}})", id));
}

TEST_F(RoutesTest, AParticipantFromItsBirthToItsEnd) {
    const auto made = rest("POST", "participants",
                           R"({"publishPermissions":["VIDEO","AUDIO"],"tag":"room-7","deviceApiVersion":"v3",)"
                           R"("callbackUrl":"https://app.example/cb","id":"ignored","unknown":[{}]})");
    const auto body = boost::json::parse(made.body);
    const auto id = std::string(body.at("participant").at("id").as_string());
    const auto golden = fmt::format(
        R"({{"id":"{}","callbackUrl":"https://app.example/cb","publishPermissions":["AUDIO","VIDEO"],"sessions":[],)"
        R"("subscriptions":{{}},"tag":"room-7","deviceApiVersion":"V3"}})",
        id);
    EXPECT_EQ(made.status, 200);
    EXPECT_EQ(made.body,
              fmt::format(R"({{"participant":{},"token":"{}"}})", golden, std::string(body.at("token").as_string())));
    EXPECT_NE(directory_.verify_token(std::string(body.at("token").as_string()), kNow.wall), nullptr);
    EXPECT_EQ(rest("GET", "participants/" + id).body, golden);
    EXPECT_EQ(rest("DELETE", "participants/" + id).status, 204);
    expect_error(rest("DELETE", "participants/" + id), 404, "Participant not found");
    expect_error(rest("GET", "participants/" + id), 404, "Participant not found");
}

TEST_F(RoutesTest, ACallbackUrlIsEchoedAsItWasGivenAndNothingElseIsEverNull) {
    const auto echo = [&](const std::string& body) {
        auto participant = rest("GET", "participants/" + new_participant(body)).body;
        return participant.substr(participant.find(',') + 1);
    };
    const std::string rest_of_it =
        R"("publishPermissions":[],"sessions":[],"subscriptions":{},"deviceApiVersion":"V3"})";
    EXPECT_EQ(echo(""), rest_of_it);
    EXPECT_EQ(echo(R"({"callbackUrl":null,"tag":null,"publishPermissions":null,"deviceApiVersion":null})"),
              R"("callbackUrl":null,)" + rest_of_it);
    EXPECT_EQ(echo(R"({"callbackUrl":"junk"})"), R"("callbackUrl":"junk",)" + rest_of_it);
}

TEST_F(RoutesTest, AMembershipFromJoiningToLeaving) {
    const auto session = new_session();
    const auto alice = new_participant();
    const auto bob = new_participant();
    const auto path = fmt::format("sessions/{}/participants/{}", session, alice);

    EXPECT_EQ(rest("PUT", path, fmt::format(R"({{"sessionId":"{}"}})", session)).status, 204);
    const auto whole = fmt::format(R"({{"sessionId":"{}"}})", session);
    EXPECT_EQ(rest("GET", path + "/subscriptions").body, whole);
    EXPECT_THAT(rest("GET", "participants/" + alice).body,
                HasSubstr(fmt::format(R"("sessions":["{}"],"subscriptions":{})", session, whole)));

    const auto chosen =
        fmt::format(R"({{"sessionId":"{}","participants":[{{"participantId":"{}","streamAliases":["screenshare"]}},)"
                    R"({{"participantId":"nobody yet"}}]}})",
                    session, bob);
    EXPECT_EQ(rest("PUT", path + "/subscriptions",
                   fmt::format(R"({{"participants":[{{"participantId":"{}","streamAliases":["screenshare"]}},)"
                               R"({{"participantId":"nobody yet","streamAliases":[]}}]}})",
                               bob))
                  .status,
              204);
    const auto read = rest("GET", path + "/subscriptions");
    EXPECT_EQ(read.status, 200);
    EXPECT_EQ(read.body, chosen);
    EXPECT_EQ(rest("GET", "sessions/" + session + "/participants").body,
              "[" + rest("GET", "participants/" + alice).body + "]");

    EXPECT_EQ(rest("DELETE", path).status, 204);
    expect_error(rest("DELETE", path), 404, "not in this session");
    expect_error(rest("GET", path + "/subscriptions"), 404, "not in this session");
    expect_error(rest("PUT", path + "/subscriptions"), 404, "not in this session");
}

TEST_F(RoutesTest, SubscriptionsAreEvaluatedAsTheReferenceSays) {
    const auto session = new_session();
    const auto participant = new_participant();
    const auto path = fmt::format("sessions/{}/participants/{}", session, participant);
    ASSERT_EQ(rest("PUT", path).status, 204);
    const std::string whole = fmt::format(R"({{"sessionId":"{}"}})", session);
    const auto chosen = [&](std::string_view entries) {
        return fmt::format(R"({{"sessionId":"{}","participants":[{}]}})", session, entries);
    };
    const std::pair<std::string, std::string> cases[] = {
        {"", "{}"},
        {"{}", "{}"},
        {R"({"participants":[]})", "{}"},
        {R"({"sessionId":"","participants":[]})", "{}"},
        {R"({"sessionId":null,"participants":null})", "{}"},
        {R"({"sessionId":"of another session"})", whole},
        {R"({"sessionId":"x","participants":[]})", whole},
        {R"({"sessionId":"x","participants":[{"participantId":"a"}]})", chosen(R"({"participantId":"a"})")},
        {R"({"participants":[{"participantId":"a","streamAliases":null}]})", chosen(R"({"participantId":"a"})")},
        // An entry named twice counts once.
        {R"({"participants":[{"participantId":"a","streamAliases":["x","y"]},{"participantId":"b"},)"
         R"({"participantId":"a","streamAliases":["y","z"]}]})",
         chosen(R"({"participantId":"a","streamAliases":["x","y","z"]},{"participantId":"b"})")},
        {R"({"participants":[{"participantId":"a","streamAliases":["x"]},{"participantId":"a"}]})",
         chosen(R"({"participantId":"a"})")},
    };
    for (const auto& [body, expected] : cases) {
        ASSERT_EQ(rest("PUT", path + "/subscriptions", body).status, 204) << body;
        EXPECT_EQ(rest("GET", path + "/subscriptions").body, expected) << body;
        ASSERT_EQ(rest("PUT", path, body).status, 204) << body;  // adding again does the same
        EXPECT_EQ(rest("GET", path + "/subscriptions").body, expected) << body;
    }
}

TEST_F(RoutesTest, RefusesUnknownIdsAndThoseOfAnotherAccount) {
    const auto session = new_session();
    const auto participant = new_participant();
    for (const auto& wrong : {kUnknownId, std::string("nope"), other_accounts_session()}) {
        expect_error(rest("GET", "sessions/" + wrong), 404, "Session not found");
        expect_error(rest("DELETE", "sessions/" + wrong), 404, "Session not found");
        expect_error(rest("GET", "sessions/" + wrong + "/participants"), 404, "Session not found");
        const auto member = "sessions/" + wrong + "/participants/" + participant;
        for (const auto method : {"PUT", "DELETE"}) expect_error(rest(method, member), 404, "Session not found");
        for (const auto method : {"PUT", "GET"})
            expect_error(rest(method, member + "/subscriptions"), 404, "Session not found");
    }
    for (const auto& wrong : {kUnknownId, std::string("nope"), other_accounts_participant()}) {
        expect_error(rest("GET", "participants/" + wrong), 404, "Participant not found");
        expect_error(rest("DELETE", "participants/" + wrong), 404, "Participant not found");
        const auto member = "sessions/" + session + "/participants/" + wrong;
        for (const auto method : {"PUT", "DELETE"}) expect_error(rest(method, member), 404, "Participant not found");
        for (const auto method : {"PUT", "GET"})
            expect_error(rest(method, member + "/subscriptions"), 404, "Participant not found");
    }
}

TEST_F(RoutesTest, RefusesASecondSessionAndTheTwentyFirstMember) {
    const auto session = new_session();
    const auto full = new_session();
    std::string participant;
    for (int i = 0; i < 20; ++i) {
        participant = new_participant();
        ASSERT_EQ(rest("PUT", fmt::format("sessions/{}/participants/{}", full, participant)).status, 204);
    }
    expect_error(rest("PUT", fmt::format("sessions/{}/participants/{}", session, participant)), 409,
                 "already in another session");
    expect_error(rest("PUT", fmt::format("sessions/{}/participants/{}", full, new_participant())), 409,
                 "Session is full");
}

TEST_F(RoutesTest, RefusesBadBodiesNamingTheMemberAndChangesNothing) {
    const auto member = fmt::format("sessions/{}/participants/{}", new_session(), new_participant());
    ASSERT_EQ(rest("PUT", member).status, 204);
    changes_ = {};
    const std::string long_tag(257, 'x');
    const std::string deep = std::string(40, '[') + std::string(40, ']');
    struct Case {
        std::string method, path, body, message;
    };
    std::vector<Case> cases;
    const std::pair<std::string, std::string> endpoints[] = {
        {"POST", "sessions"}, {"POST", "participants"}, {"PUT", member}, {"PUT", member + "/subscriptions"}};
    for (const auto& [method, path] : endpoints) {
        for (const std::string body : {"{", "nonsense", "{\"tag\":1}}", "{'tag':1}", "{\"tag\":\"\xff\"}", " "})
            cases.push_back({method, path, body, "not valid JSON"});
        cases.push_back({method, path, R"({"x":)" + deep + "}", "not valid JSON"});
        for (const std::string body : {"[]", "null", "1", "\"text\""})
            cases.push_back({method, path, body, "must be a JSON object"});
    }
    for (const std::string path : {"sessions", "participants"}) {
        for (const std::string tag : {"1", "{}", "[\"a\"]", "true", "\"a\\u0000b\""})
            cases.push_back({"POST", path, R"({"tag":)" + tag + "}", "tag must be a string of at most 256 characters"});
        cases.push_back({"POST", path, R"({"tag":")" + long_tag + "\"}", "tag must be a string of at most 256"});
    }
    for (const auto& url : {std::string("1"), std::string("[]"), '"' + std::string(2049, 'u') + '"'})
        cases.push_back({"POST", "participants", R"({"callbackUrl":)" + url + "}", "callbackUrl must be a string"});
    for (const std::string permissions : {"\"AUDIO\"", "{}", "[1]", "[null]", "[\"DATA\"]", "[\"audio\"]",
                                          "[\"AUDIO\",\"AUDIO\"]", "[\"AUDIO\",\"VIDEO\",\"AUDIO\"]"})
        cases.push_back(
            {"POST", "participants", R"({"publishPermissions":)" + permissions + "}", "publishPermissions"});
    for (const std::string version : {"\"V2\"", "\"V4\"", "3", "\"\"", "[\"V3\"]"})
        cases.push_back(
            {"POST", "participants", R"({"deviceApiVersion":)" + version + "}", "deviceApiVersion must be"});
    std::string many = R"({"participantId":"p"})";
    for (int i = 0; i < 200; ++i) many += R"(,{"participantId":"p"})";
    const std::pair<std::string, std::string> subscriptions[] = {
        {R"({"sessionId":1})", "sessionId must be a string"},
        {R"({"participants":{}})", "participants must be an array"},
        {R"({"participants":"p"})", "participants must be an array"},
        {R"({"participants":["p"]})", "participants[0] must be an object"},
        {R"({"participants":[{"participantId":"p"},{}]})", "participants[1].participantId must be a string of 1"},
        {R"({"participants":[{"participantId":""}]})", "participants[0].participantId must be"},
        {R"({"participants":[{"participantId":7}]})", "participants[0].participantId must be"},
        {R"({"participants":[{"participantId":"p","streamAliases":"a"}]})", "participants[0].streamAliases must be"},
        {R"({"participants":[{"participantId":"p","streamAliases":["a",1]}]})", "streamAliases[1] must be a string"},
        {R"({"participants":[)" + many + "]}", "participants must be an array of at most 200 entries"},
    };
    for (const auto& [body, message] : subscriptions)
        for (const auto& path : {member, member + "/subscriptions"}) cases.push_back({"PUT", path, body, message});

    for (const auto& each : cases) {
        SCOPED_TRACE(each.method + " " + each.path + " " + each.body.substr(0, 200));
        expect_error(rest(each.method, each.path, each.body), 400, each.message);
    }
    EXPECT_TRUE(changes_.statements.empty());
}

TEST_F(RoutesTest, ATagMayHave256CharactersOfAnyLanguage) {
    std::string tag;
    for (int i = 0; i < 256; ++i) tag += "ü";
    EXPECT_EQ(rest("POST", "sessions", R"({"tag":")" + tag + "\"}").status, 200);
}

TEST_F(RoutesTest, RefusesWhatIsTooLong) {
    expect_error(rest("POST", "sessions", std::string(64 * 1024 + 1, ' ')), 413, "65536 bytes");
    expect_error(rest("GET", std::string(5000, 'x')), 414, "too long");
}

TEST_F(RoutesTest, RefusesEverythingWithoutTheRightCredentials) {
    const auto basic = [](std::string_view credentials) { return "Basic " + base64(as_bytes(credentials)); };
    const std::pair<std::string, std::string> operations[] = {
        {"POST", "participants"},
        {"GET", "participants/p"},
        {"DELETE", "participants/p"},
        {"POST", "sessions"},
        {"GET", "sessions/s"},
        {"DELETE", "sessions/s"},
        {"GET", "sessions/s/participants"},
        {"PUT", "sessions/s/participants/p"},
        {"DELETE", "sessions/s/participants/p"},
        {"GET", "sessions/s/participants/p/subscriptions"},
        {"PUT", "sessions/s/participants/p/subscriptions"},
    };
    for (const auto& [method, path] : operations) {
        const auto response = send(method, "/v1/accounts/9900000/" + path, "", "");
        expect_error(response, 401, "Unauthorized");
        EXPECT_EQ(response.body, R"({"message":"Unauthorized"})");
        EXPECT_THAT(header(response, "WWW-Authenticate"), StartsWith("Basic "));
        expect_error(send(method, "/v1/accounts/9900001/" + path), 403, "Forbidden");
    }
    for (const auto& wrong : {basic("alice:wrong"), basic("bob:secret"), basic("alice"), std::string("Basic ?"),
                              std::string("Basic"), std::string("Bearer eyJ"), basic(":")})
        expect_error(send("POST", "/v1/accounts/9900000/sessions", "", wrong), 401, "Unauthorized");
    EXPECT_TRUE(changes_.statements.empty());
}

TEST_F(RoutesTest, RefusesUnknownPathsAndMethods) {
    for (const std::string path :
         {"/v1", "/v1/", "/v1/accounts", "/v1/accounts/9900000", "/v1/accounts/9900000/rooms",
          "/v1/accounts/9900000/sessions/s/participants/p/subscriptions/x",
          "/v1/accounts/9900000/sessions//participants", "/v1/accounts/9900000/participants/p/q"})
        expect_error(send("GET", path), 403, "Missing Authentication Token");
    for (const std::string path : {"/", "/v2/accounts", "/nothing?x=1"})
        expect_error(send("GET", path), 404, "Not found");
    for (const std::string path : {"", "v1", "http://host/v1", "/%zz", "/v1/accounts/9900000/sessions/%"})
        expect_error(send("GET", path), 400, "malformed");

    const std::tuple<std::string, std::string, std::string> cases[] = {
        {"GET", "sessions", "POST"},
        {"HEAD", "sessions/s", "GET, DELETE"},
        {"PATCH", "participants/p", "GET, DELETE"},
        {"POST", "sessions/s/participants/p", "PUT, DELETE"},
        {"DELETE", "sessions/s/participants/p/subscriptions", "GET, PUT"},
    };
    for (const auto& [method, path, allow] : cases) {
        const auto response = rest(method, path);
        expect_error(response, 405, "Method not allowed");
        EXPECT_EQ(header(response, "Allow"), allow);
    }
}

TEST_F(RoutesTest, ToleratesASlashAtTheEndAQueryAndEscapes) {
    auto id = new_session();
    EXPECT_EQ(rest("GET", "sessions/" + id + "/").status, 200);
    EXPECT_EQ(rest("GET", "sessions/" + id + "?trace=1").status, 200);
    EXPECT_EQ(rest("GET", "sessions/" + id + "/?trace=1").status, 200);
    EXPECT_EQ(rest("GET", "sessions/" + id.replace(id.find('-'), 1, "%2D")).status, 200);
    expect_error(rest("GET", "sessions/a%2Fparticipants"), 404, "Session not found");
}

TEST_F(RoutesTest, ServesFilesAndPublicRoutesWithoutCredentials) {
    routes_.add_file("/openapi.yaml", {"application/yaml", "openapi: 3.1.0\n"});
    routes_.add_public("/healthz", [](const HttpRequest&, Now) { return HttpResponse{200, {}, "ok\n"}; });
    routes_.add_public(
        "/demo", [](const HttpRequest& request, Now) { return HttpResponse{200, {}, request.body}; }, "POST");

    const auto file = send("GET", "/openapi.yaml?v=2", "", "");
    EXPECT_EQ(file.status, 200);
    EXPECT_EQ(file.body, "openapi: 3.1.0\n");
    EXPECT_EQ(header(file, "Content-Type"), "application/yaml");
    EXPECT_EQ(send("GET", "/healthz", "", "").body, "ok\n");
    EXPECT_EQ(send("HEAD", "/healthz", "", "").status, 200);
    EXPECT_EQ(send("POST", "/demo", "x", "").body, "x");
    EXPECT_EQ(header(send("POST", "/openapi.yaml", "", ""), "Allow"), "GET");
    EXPECT_EQ(header(send("GET", "/demo", "", ""), "Allow"), "POST");
    expect_error(send("DELETE", "/healthz", "", ""), 405, "Method not allowed");
}

TEST_F(RoutesTest, RequestsWaitTogetherForTheirPassword) {
    const auto request = [](uint64_t id, const std::string& credentials) {
        return HttpRequest{RequestId(id),
                           "POST",
                           "/v1/accounts/9900000/sessions",
                           {{"Authorization", "Basic " + base64(as_bytes(credentials))}},
                           "",
                           {},
                           false};
    };
    Effects out;
    routes_.handle(request(1, "alice:secret"), kNow, out, changes_);
    routes_.handle(request(2, "alice:wrong"), kNow, out, changes_);
    routes_.handle(request(3, "alice:secret"), kNow, out, changes_);
    ASSERT_EQ(out.outputs.size(), 2u);
    EXPECT_TRUE(changes_.statements.empty());

    const auto wrong = verified(std::get<VerifyPassword>(out.outputs[1]));
    ASSERT_EQ(wrong.outputs.size(), 1u);
    EXPECT_EQ(std::get<Respond>(wrong.outputs[0]).request, RequestId(2));
    expect_error(std::get<Respond>(wrong.outputs[0]).response, 401, "Unauthorized");

    const auto right = verified(std::get<VerifyPassword>(out.outputs[0]));
    ASSERT_EQ(right.outputs.size(), 2u);
    for (size_t i = 0; i < 2; ++i) {
        const auto& respond = std::get<Respond>(right.outputs[i]);
        EXPECT_EQ(respond.request, RequestId(i == 0 ? 1 : 3));
        EXPECT_EQ(respond.response.status, 200);
    }
    EXPECT_EQ(changes_.statements.size(), 2u);

    out = {};
    routes_.handle(request(4, "alice:secret"), kNow, out, changes_);
    EXPECT_EQ(std::get<Respond>(out.outputs.at(0)).response.status, 200) << "known by now";
}

TEST_F(RoutesTest, NoMoreThanSoManyRequestsWait) {
    Routes routes(directory_, auth_, random_, {.waiting_requests = 1});
    const HttpRequest request{RequestId(1),
                              "POST",
                              "/v1/accounts/9900000/sessions",
                              {{"Authorization", "Basic " + base64(as_bytes("alice:secret"))}},
                              "",
                              {},
                              false};
    Effects out;
    routes.handle(request, kNow, out, changes_);
    routes.handle(request, kNow, out, changes_);
    ASSERT_EQ(out.outputs.size(), 2u);
    const auto& refused = std::get<Respond>(out.outputs[1]).response;
    expect_error(refused, 503, "try again");
    EXPECT_EQ(header(refused, "Retry-After"), "1");
}

TEST_F(RoutesTest, APartOfTheServerNeedsNoPasswordButNoMoreMayIt) {
    const HttpRequest request{RequestId(1), "POST", "/v1/accounts/9900000/sessions", {}, "", {}, false};
    Effects out;
    EXPECT_EQ(routes_.handle_as({AccountId("9900000"), "demo"}, request, kNow, out, changes_).status, 200);
    expect_error(routes_.handle_as({AccountId("9900001"), "demo"}, request, kNow, out, changes_), 403, "Forbidden");
    EXPECT_TRUE(out.outputs.empty()) << "nobody waits for that at the edge";
}

}  // namespace
}  // namespace crosspoint::api
