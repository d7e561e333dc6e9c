#pragma once
#include <string>

#include "app/config_load.h"

namespace crosspoint::app {

/// The effective configuration as a TOML file, every key with its meaning and where its value came from. Password
/// hashes are masked.
std::string print_config(const LoadedConfig& loaded);

/// docs/configuration.md: every key with its meaning, default and limits.
std::string config_markdown();

}  // namespace crosspoint::app
