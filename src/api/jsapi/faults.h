#pragma once
#include <boost/json/object.hpp>

#include "chains/values.h"

// Errors as JSAPI says them (jsapi 14).
namespace crosspoint::api::jsapi {

/// `{code, name, message, details?}`
boost::json::object fault_json(const chains::Refused& refused);
/// Of a `hello` whose `version` is not 1; no actor ever says it.
boost::json::object unsupported_version_json();

}  // namespace crosspoint::api::jsapi
