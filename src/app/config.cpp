#include "app/config.h"

namespace crosspoint::app {

Config dev_defaults(const std::string& password_hash) {
    Config config;
    config.http.listen = NetAddress::v4(127, 0, 0, 1, 8080);
    config.media.announce_loopback = true;
    config.webhooks.allow_private_addresses = true;
    config.accounts = {{AccountId("dev"), "dev", {{"dev", password_hash, UserRole::Admin}}}};
    return config;
}

}  // namespace crosspoint::app
