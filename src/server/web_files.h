#pragma once
#include <string>

#include "api/routes.h"

namespace crosspoint::server {

/// Serves what the web build left behind: with `demo` the demo page at "/", the SDK bundles under "/sdk/", the API's
/// description at
/// "/openapi.yaml". Files are read once. A missing folder serves nothing: the server works without its web pages.
void add_web_files(api::Routes& routes, const std::string& root, bool demo);

/// Beside the sources in a build tree, else in the installed place relative to the executable; empty when neither is
/// there.
std::string find_web_root();

}  // namespace crosspoint::server
