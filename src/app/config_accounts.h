#pragma once
#include <string>
#include <vector>

#include <toml++/toml.h>

#include "app/config.h"

namespace crosspoint::app {

/// `[[accounts]]` with their `[[accounts.users]]`. `place` says where the array stands when its nodes do not (from
/// outside a file it is the whole place); `problems` gets a line for each thing that is wrong.
std::vector<AccountConfig> read_accounts(const toml::node& node, const std::string& place, bool in_file,
                                         std::vector<std::string>& problems);

}  // namespace crosspoint::app
