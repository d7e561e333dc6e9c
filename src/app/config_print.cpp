#include "app/config_print.h"

#include <fmt/format.h>

#include "app/config_keys.h"
#include "app/quoted.h"

namespace crosspoint::app {
namespace {

std::string origin_of(const LoadedConfig& loaded, std::string_view path) {
    const auto known = loaded.origins.find(path);
    return known == loaded.origins.end() ? "default" : known->second;
}

std::string print_accounts(const LoadedConfig& loaded) {
    std::string out =
        fmt::format("# accounts ({}). Password hashes and secrets are not shown.\n", origin_of(loaded, "accounts"));
    for (const AccountConfig& account : loaded.config.accounts) {
        out += fmt::format("[[accounts]]\nid = {}\nname = {}\n", quoted(account.id.value), quoted(account.name));
        if (!account.webhook_secret.empty()) out += "# webhook_secret is set\n";
        if (!account.wake_url.empty()) out += fmt::format("wake_url = {}\n", quoted(account.wake_url));
        for (const UserConfig& user : account.users)
            out += fmt::format("\n[[accounts.users]]\nname = {}\npassword_hash = \"********\"\nrole = \"{}\"\n",
                               quoted(user.name), user.role == UserRole::Admin ? "admin" : "account");
        out += "\n";
    }
    return out;
}

constexpr std::string_view kIntroduction = R"(# Configuration

This page is what `crosspoint config print --markdown` prints.

`crosspoint serve` reads one TOML file, named with `--config`. Every key can be overridden by an environment variable,
and that by `--set section.key=value`. Lists are written with commas there: `--set media.announce=192.0.2.1,2001:db8::1`.
Durations are seconds, or a whole number with a unit: `90s`, `15m`, `9h`, `7d`.

An unknown key, a value of the wrong type or beyond its limits, or two keys that contradict each other end the program
with status 2 and a line for each problem, before the store or a port is opened. `crosspoint config check` does only
this check. `crosspoint config print` prints the configuration in effect and where each value came from.

)";

constexpr std::string_view kAccountsPart = R"(## accounts

The API users of each account. Passwords are stored hashed, as `crosspoint hash-password` prints them.

```toml
[[accounts]]
id = "9900000"             # in the path of every request; 1 to 40 letters, digits, '.', '_', '-'
name = "Example"           # default: the id
webhook_secret = "whsec_…" # signs its callbacks; "whsec_" and the base64 of 24 to 64 bytes. Default: not signed
wake_url = "https://…"     # is told whose devices shall be woken for a call. Default: nobody's

[[accounts.users]]
name = "backend"           # unique over all accounts, at most 64 characters, no ':'
password_hash = "…"        # from `crosspoint hash-password`
role = "account"           # "account" (default), or "admin", which may do no more yet
```

`CROSSPOINT_ACCOUNTS` and `--set accounts=…` take the same as an inline array:
`[{id = "9900000", users = [{name = "backend", password_hash = "…"}]}]`.
)";

/// A cell of a table must not end it.
std::string cell(std::string text) {
    for (size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
    return text;
}

}  // namespace

std::string print_config(const LoadedConfig& loaded) {
    std::string out;
    std::string_view section;
    for (const ConfigKey& key : config_keys()) {
        if (key.section != section) out += fmt::format("{}[{}]\n", section.empty() ? "" : "\n", key.section);
        section = key.section;
        out += fmt::format("# {}\n# Must be {}.\n{} = {}  # {}\n", key.doc, value_limits(key.kind), key.name,
                           write_value(key.kind, loaded.config), origin_of(loaded, key.path()));
    }
    return out + "\n" + print_accounts(loaded);
}

std::string config_markdown() {
    const Config defaults;
    const Config dev = dev_defaults("");
    std::string out(kIntroduction);
    std::string_view section;
    for (const ConfigKey& key : config_keys()) {
        if (key.section != section)
            out += fmt::format("{}## {}\n\n| key | meaning | default | must be | variable |\n|---|---|---|---|---|\n",
                               section.empty() ? "" : "\n", key.section);
        section = key.section;
        const std::string usual = write_value(key.kind, defaults);
        const std::string in_dev = write_value(key.kind, dev);
        out += fmt::format("| `{}` | {} | `{}`{} | {} | `{}` |\n", key.name, cell(std::string(key.doc)), usual,
                           usual == in_dev ? "" : fmt::format("; with `--dev` `{}`", in_dev),
                           cell(value_limits(key.kind)), key.variable());
    }
    return out + "\n" + std::string(kAccountsPart);
}

}  // namespace crosspoint::app
