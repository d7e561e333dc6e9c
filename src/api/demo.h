#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/effects.h"
#include "api/routes.h"

namespace crosspoint::api {

struct DemoSettings {
    AccountId account;      // on whose behalf it calls the REST API
    Buffer webhook_secret;  // that account's: callbacks without its signature are refused
};

/// The small application server behind the demo pages, part of `--dev` only: it turns a room's name into a session, and
/// a person's name into a token. Written against the public REST and administration APIs, as any application is.
///
///   POST /demo/rooms/{room}/participants  {"name"}  200 {"token","participantId","sessionId"}
///   GET  /demo/rooms/{room}/participants            200 [{"participantId","name"}]
///   POST /demo/callbacks                            where the events of its participants go
///   POST /demo/people/tokens              {"name"}  200 {"token","appId","userId","profileId"}; made if missing
///   GET  /demo/people                               200 [{"name","profileId"}], by name
class Demo {
public:
    Demo(Routes& routes, DemoSettings settings)
        : routes_(routes),
          base_("/v1/accounts/" + settings.account.value),
          admin_base_("/admin/v1/accounts/" + settings.account.value),
          self_{settings.account, "demo", Role::Admin},
          webhook_secret_(std::move(settings.webhook_secret)) {}

    void restore(const std::vector<Row>& rows);
    static Statement select_rooms();

    static bool serves(std::string_view target) { return target.starts_with("/demo/"); }
    /// Puts exactly one Respond into `out`.
    void handle(const HttpRequest& request, Now now, Effects& out, sessions::Effects& changes);

private:
    struct Caller;

    HttpResponse answer(const HttpRequest& request, Caller& rest);
    HttpResponse join(const std::string& room, const HttpRequest& request, Caller& rest);
    HttpResponse list(const std::string& room, Caller& rest);
    /// Who has come is listed, who has left is deleted.
    HttpResponse callback(const HttpRequest& request, Caller& rest);
    /// The room's session, made when there is none (any more).
    std::string session_of(const std::string& room, Caller& rest);
    void forget_who_never_came(Caller& rest);
    HttpResponse create_token(const HttpRequest& request, Caller& rest);
    /// A user with one profile, if there is none of that name.
    void make_person(const std::string& name, Caller& rest);
    HttpResponse list_people(Caller& rest);

    Routes& routes_;
    std::string base_;
    std::string admin_base_;
    api::Caller self_;
    Buffer webhook_secret_;
    std::map<std::string, std::string> sessions_;  // by room
    std::set<std::string> coming_;                 // participants who have a token, but have not connected yet
};

}  // namespace crosspoint::api
