#include "app/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <sstream>

#include "api/jsapi/user_token.h"
#include "app/config_values.h"

namespace crosspoint::app {
namespace {

constexpr int kUsageError = 2;

constexpr const char* kExamples = R"(
Examples:
  crosspoint serve --dev
      try it out on this computer: no file needed, account, user and password "dev"
  crosspoint serve --config /etc/crosspoint.toml --set log.level=debug
  CROSSPOINT_MEDIA__PORT=50000 crosspoint serve --config /etc/crosspoint.toml
  crosspoint config print > crosspoint.toml
      begin a configuration file with every key, its meaning and its default
  crosspoint token participant --dev --account dev --participant 3f9c3b1e-...
  crosspoint token user --dev --account dev --user ann --life 1h
  crosspoint load jsapi --connections 1000 --texts 100 --calls 10
      measure the server that runs here with --dev
)";

void add_config_options(CLI::App& command, ConfigArguments& arguments) {
    command.add_flag("--dev", arguments.dev, "Start from the settings for trying it out on one computer");
    command.add_option("--config", arguments.file, "Configuration file (TOML)")->type_name("FILE");
    command.add_option("--set", arguments.settings, "Override one key; may be repeated")
        ->type_name("SECTION.KEY=VALUE")
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

/// The tree of commands. Each leaf, when it is chosen, leaves what it stands for in `chosen`.
class Parser {
public:
    Parser() {
        app_.add_flag_callback(
            "--version",
            [this] {
                chosen_ = Version{};
                throw CLI::Success();
            },
            "Same as the command version");
        add_serve();
        add_token();
        add_load();
        add_config();
        app_.add_subcommand("hash-password",
                            "Read a password from standard input, print its hash for the configuration")
            ->callback([this] { chosen_ = HashPassword{}; });
        app_.add_subcommand("version", "Print version and kind of build")->callback([this] { chosen_ = Version{}; });
        app_.footer(kExamples);  // last: subcommands begin with their parent's
    }

    CommandLine parse(std::vector<std::string> arguments) {
        std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
        try {
            app_.parse(std::move(arguments));
        } catch (const CLI::CallForHelp&) {
            return Exit{0, help()};
        } catch (const CLI::Success&) {
            return *chosen_;
        } catch (const CLI::ParseError& error) {
            return Exit{kUsageError, fmt::format("{}\nRun `{} --help` for how to use it.\n", error.what(), name())};
        }
        return chosen_ ? *chosen_ : Exit{kUsageError, help()};
    }

private:
    void add_serve() {
        CLI::App* command = app_.add_subcommand("serve", "Run the server until SIGTERM or SIGINT");
        add_config_options(*command, config_);
        command->callback([this] { chosen_ = Serve{config_}; });
    }

    void add_token() {
        CLI::App* token = app_.add_subcommand("token", "Make tokens from the keys in the store");
        CLI::App* command = token->add_subcommand("participant", "Print a token with which a participant can connect");
        add_config_options(*command, config_);
        command->add_option("--account", account_, "The account's id")->required()->type_name("ID");
        command->add_option("--participant", participant_, "The participant's id")->required()->type_name("ID");
        command->callback(
            [this] { chosen_ = TokenParticipant{config_, AccountId(account_), ParticipantId(participant_)}; });
        add_token_user(*token);
    }

    void add_token_user(CLI::App& token) {
        CLI::App* command = token.add_subcommand("user", "Print a token with which a user can connect to JSAPI");
        add_config_options(*command, config_);
        command->add_option("--account", account_, "The account's id")->required()->type_name("ID");
        command->add_option("--user", user_.user, "The user's id")->required()->type_name("ID");
        command->add_option("--profile", user_.profiles, "Only for this profile; may be repeated")
            ->type_name("ID")
            ->allow_extra_args(false)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        command->add_option("--scope", user_.scopes, "Only for call, text or pstn; may be repeated")
            ->check(CLI::IsMember({"call", "text", "pstn"}))
            ->allow_extra_args(false)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        command->add_option("--life", life_, "How long it is good for, such as 90s, 15m, 9h; 24h unless given")
            ->type_name("DURATION")
            ->check([](const std::string& text) {
                const auto life = parse_duration(text);
                const bool good = life && *life > 0s && *life <= api::jsapi::kLongestUserToken;
                return good ? "" : "is no duration such as 90s, 15m or 9h, up to 366 days";
            });
        command->callback([this] {
            user_.config = config_;
            user_.account = AccountId(account_);
            if (!life_.empty()) user_.life = *parse_duration(life_);
            chosen_ = user_;
        });
    }

    void add_load() {
        CLI::App* load = app_.add_subcommand("load", "Measure a running server under load");
        CLI::App* command = load->add_subcommand(
            "jsapi",
            "Connect people over WebSockets without TLS, let them write and call; status 1 if anything is lost");
        command->add_option("--server", server_, "Where its HTTP port is; 127.0.0.1:8080 unless given")
            ->type_name("ADDRESS:PORT")
            ->check([](const std::string& text) { return parse_endpoint(text) ? "" : "is no IP address with a port"; });
        command->add_option("--account", account_, "The account whose people they are; dev unless given")
            ->type_name("ID");
        command->add_option("--user", load_.user, "Its administrator; dev unless given")->type_name("NAME");
        command->add_option("--password", load_.password, "… and the password; dev unless given")->type_name("TEXT");
        const auto number = [&](const char* name, int& value, const char* help, int least, int most) {
            command->add_option(name, value, help)->check(CLI::Range(least, most))->capture_default_str();
        };
        number("--connections", load_.connections, "How many connect, one device each", 2, 1'000'000);
        number("--texts", load_.texts, "Texts a second", 0, 100'000);
        number("--calls", load_.calls, "Calls a second", 0, 10'000);
        add_duration(*command, "--duration", load_.duration,
                     "How long they write, and how long they call; 30s unless given");
        add_duration(*command, "--idle", load_.idle, "How long all are idle before memory is read; 20s unless given");
        command->add_flag("--json", load_.json, "Print JSON instead of a table");
        command->callback([this] {
            if (!server_.empty()) load_.server = *parse_endpoint(server_);
            if (!account_.empty()) load_.account = AccountId(account_);
            load_.connections += load_.connections % 2;  // they go in pairs
            chosen_ = load_;
        });
    }

    static void add_duration(CLI::App& command, const char* name, std::chrono::seconds& value, const char* help) {
        command
            .add_option_function<std::string>(
                name, [&value](const std::string& text) { value = *parse_duration(text); }, help)
            ->type_name("DURATION")
            ->check(is_duration);
    }

    static std::string is_duration(const std::string& text) {
        const auto duration = parse_duration(text);
        return duration && *duration > 0s ? "" : "is no duration such as 90s, 15m or 9h";
    }

    void add_config() {
        CLI::App* config = app_.add_subcommand("config", "Look at the configuration");
        CLI::App* check = config->add_subcommand("check", "Say what is wrong with the configuration");
        add_config_options(*check, config_);
        check->callback([this] { chosen_ = ConfigCheck{config_}; });
        CLI::App* print = config->add_subcommand("print", "Print the configuration in effect, explained");
        add_config_options(*print, config_);
        print->add_flag("--markdown", markdown_, "Print the reference of all keys instead");
        print->callback([this] { chosen_ = ConfigPrint{config_, markdown_}; });
    }

    /// The innermost command that was named: help is about that one.
    const CLI::App& innermost() const {
        const CLI::App* app = &app_;
        while (!app->get_subcommands().empty()) app = app->get_subcommands().back();
        return *app;
    }
    std::string name() const {
        std::string name;
        for (const CLI::App* app = &innermost(); app; app = app->get_parent())
            name.insert(0, app->get_name() + (name.empty() ? "" : " "));
        return name;
    }
    std::string help() const {
        const CLI::App& app = innermost();
        if (&app == &app_) return app.help();
        return app.help(name().substr(0, name().size() - app.get_name().size() - 1));
    }

    CLI::App app_{"A WebRTC server: sessions, participants and subscriptions over REST, media through its own SFU.",
                  "crosspoint"};
    ConfigArguments config_;
    std::string account_;
    std::string participant_;
    TokenUser user_;
    std::string life_;
    LoadJsapi load_;
    std::string server_;
    bool markdown_ = false;
    std::optional<CommandLine> chosen_;
};

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments) { return Parser().parse(arguments); }

std::string version_text() { return "crosspoint " CROSSPOINT_VERSION " (" CROSSPOINT_BUILD_TYPE ")"; }

Result<ConfigSources, ConfigProblems> config_sources(const ConfigArguments& arguments, const char* const* environment,
                                                     const std::string& dev_password_hash) {
    ConfigSources sources;
    sources.dev = arguments.dev;
    sources.dev_password_hash = dev_password_hash;
    sources.settings = arguments.settings;
    if (!arguments.file.empty()) {
        std::ifstream file(arguments.file, std::ios::binary);
        file.peek();  // a directory opens, but does not read
        if (!file.is_open() || file.bad()) return ConfigProblems{{arguments.file + ": cannot be read"}};
        sources.file_name = arguments.file;
        sources.file_text = (std::ostringstream() << file.rdbuf()).str();
    }
    for (; *environment; ++environment) {
        const std::string_view variable = *environment;
        const size_t equals = std::min(variable.find('='), variable.size());
        sources.environment.emplace_back(variable.substr(0, equals),
                                         variable.substr(std::min(equals + 1, variable.size())));
    }
    return sources;
}

}  // namespace crosspoint::app
