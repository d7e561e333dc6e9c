#pragma once
#include <span>
#include <string>
#include <string_view>

#include "app/config_values.h"

// The one list of configuration keys. Reading, checking, printing and the documentation all work from it.
namespace crosspoint::app {

struct ConfigKey {
    std::string_view section;
    std::string_view name;
    std::string_view doc;  // a sentence or two
    ValueKind kind;

    std::string path() const;      // "media.port"
    std::string variable() const;  // "CROSSPOINT_MEDIA__PORT"
};

std::span<const ConfigKey> config_keys();

}  // namespace crosspoint::app
