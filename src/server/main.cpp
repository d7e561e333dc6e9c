#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <string>

#include "api/jsapi/user_token.h"
#include "app/command_line.h"
#include "app/config_load.h"
#include "app/config_print.h"
#include "app/logging.h"
#include "app/stored_state.h"
#include "chains/people_records.h"
#include "crypto/password.h"
#include "crypto/system_random.h"
#include "io/event_loop.h"
#include "load/jsapi_load.h"
#include "server/server.h"
#include "server/settings.h"
#include "server/web_files.h"
#include "sessions/directory.h"
#include "store/database.h"

namespace {

using namespace crosspoint;

int refuse(const std::string& why) {
    std::cerr << "crosspoint: " << why << "\n";
    return 2;
}

Result<app::LoadedConfig, app::ConfigProblems> load(const app::ConfigArguments& arguments) {
    crypto::SystemRandom random;
    const std::string dev_hash = arguments.dev ? crypto::hash_password("dev", random) : "";
    const auto sources = app::config_sources(arguments, environ, dev_hash);
    if (!sources) return sources.error();
    return app::load_config(*sources);
}

void print_banner(bool dev, const server::Addresses& addresses, bool has_pages) {
    std::cout << "\n  " << app::version_text() << " is ready\n\n";
    if (dev && has_pages)
        std::cout << "    demo      " << addresses.http << "/ (rooms)\n"
                  << "              " << addresses.http << "/people.html (calls between people)\n";
    std::cout << "    REST      " << addresses.http << "/v1/accounts/" << (dev ? "dev" : "{accountId}") << "/\n"
              << "    devices   ws" << addresses.http.substr(4) << "/v3/\n"
              << "    people    ws" << addresses.http.substr(4) << "/jsapi/v1\n"
              << "    API       " << addresses.http << "/openapi.yaml\n"
              << "    metrics   " << addresses.http << "/metrics\n"
              << "    media     " << addresses.media << "\n";
    if (dev) std::cout << "\n    account dev, user dev, password dev: for trying things out on this machine only\n";
    std::cout << std::endl;
}

int run(const app::Serve& command) {
    const auto loaded = load(command.config);
    if (!loaded) return refuse(loaded.error().text());
    if (const auto missing = app::missing_for_serving(loaded->config)) return refuse(*missing);
    app::log::start(loaded->config.log, std::cerr);
    const server::ServeOptions options{loaded->config, command.config.dev, server::find_web_root()};
    return server::serve(options, [&](const server::Addresses& addresses) {
        print_banner(command.config.dev, addresses, !options.web_root.empty());
    });
}

int run(const app::TokenParticipant& command) {
    const auto loaded = load(command.config);
    if (!loaded) return refuse(loaded.error().text());
    const auto database = store::Database::for_reading(loaded->config.store.path, app::all_migrations());
    crypto::SystemRandom random;
    sessions::Directory directory(random);
    const sessions::Snapshot snapshot{database->query(sessions::select_accounts()),
                                      database->query(sessions::select_sessions()),
                                      database->query(sessions::select_participants())};
    directory.restore(snapshot, io::read_clock());
    const auto participant = directory.participant(command.account, command.participant);
    if (!participant)
        return refuse("account " + command.account.value + " has no participant " + command.participant.value);
    std::cout << directory.issue_token(*participant) << "\n";
    return 0;
}

int run(const app::TokenUser& command) {
    const auto loaded = load(command.config);
    if (!loaded) return refuse(loaded.error().text());
    const auto database = store::Database::for_reading(loaded->config.store.path, app::all_migrations());
    crypto::SystemRandom random;
    sessions::Directory directory(random);
    const Now now = io::read_clock();
    directory.restore({database->query(sessions::select_accounts()), {}, {}}, now);
    const auto users = database->query(chains::select_users(command.account));
    const bool known = std::ranges::any_of(users, [&](const Row& row) { return row.text(0) == command.user; });
    const Buffer* key = directory.token_keys().find(command.account);
    if (!known || !key) return refuse("account " + command.account.value + " has no user " + command.user);

    chains::Grant grant;
    grant.user = chains::UserId(command.user);
    grant.token_id = random.uuid();
    grant.expires = now.wall + command.life;
    if (!command.profiles.empty()) grant.profiles.emplace(command.profiles.begin(), command.profiles.end());
    const auto allows = [&](std::string_view scope) {
        return command.scopes.empty() || std::ranges::find(command.scopes, scope) != command.scopes.end();
    };
    grant.call = allows("call");
    grant.text = allows("text");
    grant.pstn = allows("pstn");
    std::cout << api::jsapi::issue_user_token(*key, command.account, grant) << "\n";
    return 0;
}

int run(const app::LoadJsapi& command) { return load::run_jsapi(command, std::cout, std::cerr); }

int run(const app::ConfigCheck& command) {
    const auto loaded = load(command.config);
    return loaded ? 0 : refuse(loaded.error().text());
}

int run(const app::ConfigPrint& command) {
    if (command.markdown) {
        std::cout << app::config_markdown();
        return 0;
    }
    const auto loaded = load(command.config);
    if (!loaded) return refuse(loaded.error().text());
    std::cout << app::print_config(*loaded);
    return 0;
}

int run(const app::HashPassword&) {
    std::string password;
    if (isatty(STDIN_FILENO) != 0) std::cerr << "Password: ";
    if (!std::getline(std::cin, password) || password.empty()) return refuse("no password on standard input");
    crypto::SystemRandom random;
    std::cout << crypto::hash_password(password, random) << "\n";
    return 0;
}

int run(const app::Version&) {
    std::cout << app::version_text() << "\n";
    return 0;
}

int run(const app::Exit& exit) {
    (exit.status == 0 ? std::cout : std::cerr) << exit.text;
    return exit.status;
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    try {
        const app::CommandLine command = app::parse_command_line({argv + 1, argv + argc});
        return std::visit([](const auto& one) { return run(one); }, command);
    } catch (const std::exception& failed) {
        return refuse(failed.what());
    }
}
