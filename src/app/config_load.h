#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/config.h"
#include "base/result.h"

namespace crosspoint::app {

/// Everything that can have a say in the configuration, already read. The weakest first: defaults, file, environment,
/// `--set`.
struct ConfigSources {
    bool dev = false;
    std::string dev_password_hash;  // of the password "dev"
    std::string file_name;
    std::optional<std::string> file_text;
    std::vector<std::pair<std::string, std::string>> environment;  // others than CROSSPOINT_… are passed over
    std::vector<std::string> settings;                             // "section.key=value"
};

struct LoadedConfig {
    Config config;
    /// "media.port" → "crosspoint.toml:12", "CROSSPOINT_MEDIA__PORT" or "--set"; absent where the default stands.
    std::map<std::string, std::string, std::less<>> origins;
};

/// Each line says where, which key, its value and what it must be.
struct ConfigProblems {
    std::vector<std::string> lines;
    std::string text() const;
};

/// Every problem is reported, not only the first. `accounts` may be set from the environment and the command line too,
/// as a TOML array.
Result<LoadedConfig, ConfigProblems> load_config(const ConfigSources& sources);

/// What a configuration that is right in itself still lacks for `serve`; nothing when it can serve.
std::optional<std::string> missing_for_serving(const Config& config);

}  // namespace crosspoint::app
