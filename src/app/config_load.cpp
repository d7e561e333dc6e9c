#include "app/config_load.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <numeric>
#include <sstream>

#include "app/config_accounts.h"
#include "app/config_keys.h"
#include "app/quoted.h"

namespace crosspoint::app {
namespace {

constexpr std::string_view kEnvironmentPrefix = "CROSSPOINT_";

const ConfigKey* find_key(std::string_view path) {
    for (const ConfigKey& key : config_keys())
        if (key.path() == path) return &key;
    return nullptr;
}

/// Levenshtein's: how many letters to change, add or leave out.
size_t edit_distance(std::string_view from, std::string_view to) {
    std::vector<size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 1; i <= from.size(); ++i) {
        size_t diagonal = std::exchange(row[0], i);
        for (size_t j = 1; j <= to.size(); ++j) {
            const size_t change = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
        }
    }
    return row.back();
}

std::string suggestion(std::string_view path) {
    constexpr size_t kNear = 3;
    std::pair<size_t, std::string> best{kNear + 1, ""};
    for (const ConfigKey& key : config_keys()) best = std::min(best, {edit_distance(path, key.path()), key.path()});
    return best.first <= kNear ? fmt::format("; did you mean {}?", best.second) : "";
}

std::string node_text(const toml::node& node) {
    if (const auto* text = node.as_string()) return quoted(text->get());
    std::ostringstream out;
    node.visit([&](const auto& value) { out << value; });
    return out.str();
}

/// Nothing for what no key can be: tables, dates, fractions, lists of other things than text.
std::optional<RawValue> raw_of(const toml::node& node) {
    if (const auto* value = node.as_boolean()) return RawValue{value->get()};
    if (const auto* value = node.as_integer()) return RawValue{value->get()};
    if (const auto* value = node.as_string()) return RawValue{value->get()};
    const toml::array* array = node.as_array();
    if (!array) return std::nullopt;
    std::vector<std::string> items;
    for (const toml::node& item : *array) {
        if (!item.is_string()) return std::nullopt;
        items.push_back(item.as_string()->get());
    }
    return RawValue{std::move(items)};
}

class Loader {
public:
    explicit Loader(const ConfigSources& sources) : sources_(sources) {
        if (sources.dev) loaded_.config = dev_defaults(sources.dev_password_hash);
    }

    Result<LoadedConfig, ConfigProblems> load() {
        if (sources_.file_text) read_file();
        for (const auto& [name, value] : sources_.environment) read_variable(name, value);
        for (const std::string& setting : sources_.settings) read_setting(setting);
        check_together();
        if (!problems_.lines.empty()) return problems_;
        return std::move(loaded_);
    }

private:
    void read_file() {
        try {
            const toml::table file = toml::parse(*sources_.file_text, sources_.file_name);
            for (const auto& [name, node] : file) read_section(std::string(name.str()), node);
        } catch (const toml::parse_error& error) {
            complain(fmt::format("{}:{}", sources_.file_name, error.source().begin.line),
                     fmt::format("not TOML: {}", error.description()));
        }
    }

    void read_section(const std::string& section, const toml::node& node) {
        if (section == "accounts") {
            loaded_.config.accounts = read_accounts(node, sources_.file_name, true, problems_.lines);
            loaded_.origins["accounts"] = place_of(node);
            return;
        }
        const toml::table* table = node.as_table();
        if (!table) return unknown_key(place_of(node), section);
        for (const auto& [name, value] : *table) {
            const std::string path = fmt::format("{}.{}", section, name.str());
            const ConfigKey* key = find_key(path);
            if (key)
                take(*key, raw_of(value), node_text(value), place_of(value));
            else
                unknown_key(place_of(value), path);
        }
    }

    void read_variable(std::string_view name, const std::string& value) {
        if (!name.starts_with(kEnvironmentPrefix)) return;
        if (name == "CROSSPOINT_ACCOUNTS") return read_accounts_text(std::string(name), value);
        // A container platform adds variables like CROSSPOINT_PORT for a service of that name: not meant for us.
        if (name.find("__") == std::string_view::npos) return;
        for (const ConfigKey& key : config_keys())
            if (key.variable() == name) return take(key, RawValue{value, true}, quoted(value), std::string(name));
        complain(std::string(name), "no configuration key has this variable");
    }

    void read_setting(const std::string& setting) {
        const std::string place = "--set " + setting;
        const size_t equals = setting.find('=');
        if (equals == std::string::npos) return complain(place, "must have the form section.key=value");
        const std::string path = setting.substr(0, equals);
        const std::string value = setting.substr(equals + 1);
        if (path == "accounts") return read_accounts_text("--set", value);
        const ConfigKey* key = find_key(path);
        if (key)
            take(*key, RawValue{value, true}, quoted(value), "--set");
        else
            unknown_key(place, path);
    }

    void read_accounts_text(const std::string& place, const std::string& text) {
        try {
            const toml::table table = toml::parse("accounts = " + text);
            loaded_.config.accounts = read_accounts(*table.get("accounts"), place, false, problems_.lines);
            loaded_.origins["accounts"] = place;
        } catch (const toml::parse_error& error) {
            complain(place, fmt::format("accounts: not TOML: {}", error.description()));
        }
    }

    void take(const ConfigKey& key, const std::optional<RawValue>& raw, const std::string& shown,
              const std::string& place) {
        if (!raw || !read_value(key.kind, loaded_.config, *raw))
            return complain(place, fmt::format("{} is {}: must be {}", key.path(), shown, value_limits(key.kind)));
        loaded_.origins[key.path()] = place;
    }

    /// Rules that one key alone cannot break.
    void check_together() {
        const Config& config = loaded_.config;
        if (config.jsapi.resume_window <= config.jsapi.reconnect_grace)
            complain(origin("jsapi.resume_window"), "jsapi.resume_window must be longer than jsapi.reconnect_grace");
        if (config.http.tls_certificate.empty() != config.http.tls_key.empty())
            complain(origin(config.http.tls_key.empty() ? "http.tls_certificate" : "http.tls_key"),
                     "http.tls_certificate and http.tls_key need each other");
    }

    std::string origin(std::string_view path) const {
        const auto known = loaded_.origins.find(path);
        return known == loaded_.origins.end() ? "default" : known->second;
    }
    std::string place_of(const toml::node& node) const {
        return fmt::format("{}:{}", sources_.file_name, node.source().begin.line);
    }
    void unknown_key(const std::string& place, const std::string& path) {
        complain(place, fmt::format("{} is not a known key{}", path, suggestion(path)));
    }
    void complain(const std::string& place, const std::string& what) {
        problems_.lines.push_back(fmt::format("{}: {}", place, what));
    }

    const ConfigSources& sources_;
    LoadedConfig loaded_;
    ConfigProblems problems_;
};

}  // namespace

std::string ConfigProblems::text() const {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

Result<LoadedConfig, ConfigProblems> load_config(const ConfigSources& sources) { return Loader(sources).load(); }

std::optional<std::string> missing_for_serving(const Config& config) {
    for (const AccountConfig& account : config.accounts)
        if (!account.users.empty()) return std::nullopt;
    return "no account has a user, so nobody could use this server: add [[accounts]] with [[accounts.users]] to the "
           "configuration file, or start with --dev to try it out";
}

}  // namespace crosspoint::app
