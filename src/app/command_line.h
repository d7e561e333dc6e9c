#pragma once
#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "app/config_load.h"
#include "base/ids.h"
#include "base/net_address.h"
#include "base/result.h"

// The command line, parsed into what is to be done. Doing it, and exiting, is the main program's.
namespace crosspoint::app {

/// Where the configuration comes from, as every command that needs one takes it.
struct ConfigArguments {
    bool dev = false;
    std::string file;                   // empty: none
    std::vector<std::string> settings;  // "section.key=value"
};

struct Serve {
    ConfigArguments config;
};
/// Print a token for a participant that exists in the store.
struct TokenParticipant {
    ConfigArguments config;
    AccountId account;
    ParticipantId participant;
};
/// Print a token for a user that exists in the store (jsapi 2.2).
struct TokenUser {
    ConfigArguments config;
    AccountId account;
    std::string user;
    std::vector<std::string> profiles;  // empty: all of the user's
    std::vector<std::string> scopes;    // of "call", "text", "pstn"; empty: all
    std::chrono::seconds life = 24h;
};
/// Drive a running server with people who are connected, write and call (docs/operating.md).
struct LoadJsapi {
    NetAddress server = NetAddress::v4(127, 0, 0, 1, 8080);
    AccountId account{"dev"};
    std::string user = "dev";  // an administrator of the account
    std::string password = "dev";
    int connections = 10'000;             // an even number
    int texts = 1000;                     // a second; 0: none
    int calls = 100;                      // a second; 0: none
    std::chrono::seconds duration = 30s;  // of texts, and of calls
    std::chrono::seconds idle = 20s;      // before the server's memory is read
    bool json = false;
};
/// Load the configuration; status 0 and nothing printed when it is right.
struct ConfigCheck {
    ConfigArguments config;
};
struct ConfigPrint {
    ConfigArguments config;
    bool markdown = false;  // docs/configuration.md instead
};
/// Read a password from standard input, print its hash for `password_hash`.
struct HashPassword {};
/// Print `version_text()`.
struct Version {};
/// Nothing to do but to print (on standard output when `status` is 0, else on standard error) and exit.
struct Exit {
    int status = 0;
    std::string text;
};

using CommandLine =
    std::variant<Serve, TokenParticipant, TokenUser, LoadJsapi, ConfigCheck, ConfigPrint, HashPassword, Version, Exit>;

/// `arguments` are argv without the program's name. A mistake becomes `Exit` with status 2.
CommandLine parse_command_line(const std::vector<std::string>& arguments);

/// "crosspoint 0.1.0 (RelWithDebInfo)".
std::string version_text();

/// Reads the file and takes over `environment` (as `environ`: null-terminated, "NAME=value"). `dev_password_hash` is
/// used with --dev only.
Result<ConfigSources, ConfigProblems> config_sources(const ConfigArguments& arguments, const char* const* environment,
                                                     const std::string& dev_password_hash);

}  // namespace crosspoint::app
