#include "app/config_accounts.h"

#include <fmt/format.h>

#include <set>
#include <string_view>

#include "api/webhook_signature.h"
#include "sessions/token.h"

namespace crosspoint::app {
namespace {

constexpr size_t kMaxNameLength = 64;

bool is_id(std::string_view text) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return !text.empty() && text.size() <= sessions::kMaxAccountIdLength &&
           text.find_first_not_of(kAllowed) == std::string_view::npos;
}

bool is_user_name(std::string_view text) {
    // RFC 7617 2: a colon ends the user name of Basic authentication.
    return !text.empty() && text.size() <= kMaxNameLength && text.find(':') == std::string_view::npos;
}

class AccountsReader {
public:
    AccountsReader(const std::string& place, bool in_file, std::vector<std::string>& problems)
        : place_(place), in_file_(in_file), problems_(problems) {}

    std::vector<AccountConfig> accounts(const toml::node& node) {
        std::vector<AccountConfig> accounts;
        for_each_table(node, "accounts", [&](const toml::table& table, const std::string& path) {
            accounts.push_back(account(table, path));
        });
        return accounts;
    }

private:
    template <class Each>
    void for_each_table(const toml::node& node, const std::string& path, const Each& each) {
        const toml::array* array = node.as_array();
        if (!array) return complain(node, path, "must be an array of tables");
        size_t index = 0;
        for (const toml::node& item : *array) {
            const std::string item_path = fmt::format("{}[{}]", path, index++);
            if (const toml::table* table = item.as_table())
                each(*table, item_path);
            else
                complain(item, item_path, "must be a table");
        }
    }

    AccountConfig account(const toml::table& table, const std::string& path) {
        refuse_other_keys(table, path, {"id", "name", "webhook_secret", "wake_url", "users"});
        AccountConfig account;
        account.id = AccountId(text(table, path, "id"));
        if (!is_id(account.id.value))
            complain(table, path + ".id", "must be 1 to 40 of letters, digits, '.', '_' and '-'");
        if (!ids_.insert(account.id.value).second) complain(table, path + ".id", "is used by an earlier account");
        account.name = table.contains("name") ? text(table, path, "name") : account.id.value;
        if (const toml::node* given = table.get("webhook_secret")) {
            auto secret = api::parse_webhook_secret(text(table, path, "webhook_secret"));
            if (!secret)
                complain(*given, path + ".webhook_secret", "must be \"whsec_\" and the base64 of 24 to 64 bytes");
            account.webhook_secret = std::move(secret).value_or(Buffer());
        }
        if (table.contains("wake_url")) account.wake_url = text(table, path, "wake_url");
        if (const toml::node* users = table.get("users"))
            for_each_table(*users, path + ".users", [&](const toml::table& user_table, const std::string& user_path) {
                account.users.push_back(user(user_table, user_path));
            });
        return account;
    }

    UserConfig user(const toml::table& table, const std::string& path) {
        refuse_other_keys(table, path, {"name", "password_hash", "role"});
        UserConfig user;
        user.name = text(table, path, "name");
        if (!is_user_name(user.name)) complain(table, path + ".name", "must be 1 to 64 characters without ':'");
        if (!user_names_.insert(user.name).second)
            complain(table, path + ".name", "is used by an earlier user; names are unique over all accounts");
        user.password_hash = text(table, path, "password_hash");
        if (user.password_hash.empty())
            complain(table, path + ".password_hash", "must be what `crosspoint hash-password` printed");
        const std::string role = table.contains("role") ? text(table, path, "role") : "account";
        if (role == "admin")
            user.role = UserRole::Admin;
        else if (role != "account")
            complain(table, path + ".role", "must be one of \"account\", \"admin\"");
        return user;
    }

    std::string text(const toml::table& table, const std::string& path, std::string_view key) {
        const toml::node* node = table.get(key);
        if (!node) return {};
        if (const auto* value = node->as_string()) return value->get();
        complain(*node, fmt::format("{}.{}", path, key), "must be text");
        return {};
    }

    void refuse_other_keys(const toml::table& table, const std::string& path, const std::set<std::string_view>& known) {
        for (const auto& [key, node] : table)
            if (!known.contains(key.str())) complain(node, fmt::format("{}.{}", path, key.str()), "is not a known key");
    }

    void complain(const toml::node& node, const std::string& path, std::string_view what) {
        const std::string line = in_file_ ? fmt::format(":{}", node.source().begin.line) : "";
        problems_.push_back(fmt::format("{}{}: {} {}", place_, line, path, what));
    }

    const std::string& place_;
    bool in_file_;
    std::vector<std::string>& problems_;
    std::set<std::string> ids_;
    std::set<std::string> user_names_;
};

}  // namespace

std::vector<AccountConfig> read_accounts(const toml::node& node, const std::string& place, bool in_file,
                                         std::vector<std::string>& problems) {
    return AccountsReader(place, in_file, problems).accounts(node);
}

}  // namespace crosspoint::app
