#pragma once
#include <string>
#include <vector>

#include "api/effects.h"
#include "api/errors.h"
#include "api/jsapi/hub.h"
#include "base/random.h"
#include "sessions/directory.h"

namespace crosspoint::api {

/// One authenticated request of an administrator of `account`.
struct AdminRequest {
    RequestId id;
    AccountId account;
    std::string method;
    std::vector<std::string> path;  // below /admin/v1/accounts/{accountId}, decoded
    std::string body;
};

/// People of an account: users with their profiles, tokens and relations; connections and calls that live
/// (spec/openapi.yaml, below /admin/v1; jsapi 4, CON-8, SEC-8).
class Administration {
public:
    Administration(jsapi::Hub& hub, const sessions::Directory& directory, Random& random)
        : hub_(hub), directory_(directory), random_(random) {}

    /// Those that there are at this path; none: there is no such path.
    static std::vector<std::string> methods(const std::vector<std::string>& path);
    /// Its path has this method. Answered by exactly one Respond: in `out`, or in that of the turn in which what it
    /// asks for has been read.
    void handle(const AdminRequest& request, Now now, Effects& out, sessions::Effects& changes);

private:
    struct Call;
    struct Endpoint;
    static const Endpoint kEndpoints[];

    HttpResponse list_users(Call& call);
    HttpResponse put_user(Call& call);
    HttpResponse get_user(Call& call);
    HttpResponse after(Call& call, const chains::UserId& user, HttpResponse response);
    HttpResponse put_profile(Call& call);
    HttpResponse put_relation(Call& call);
    HttpResponse put_revoked(Call& call);
    HttpResponse create_token(Call& call);
    HttpResponse revoke_token(Call& call);
    HttpResponse list_connections(Call& call);
    HttpResponse list_calls(Call& call);
    HttpResponse end_call(Call& call);

    HttpResponse refuse(const Problem& problem) const;
    /// One of this account's.
    std::optional<chains::UserId> user(const Call& call) const;

    jsapi::Hub& hub_;
    const sessions::Directory& directory_;
    Random& random_;
};

}  // namespace crosspoint::api
