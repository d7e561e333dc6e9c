#pragma once
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <vector>

#include "chains/people.h"

namespace crosspoint::api::jsapi {

/// A profile as its owner and the administration see it (jsapi 4).
boost::json::object to_json(const chains::Profile& profile);
boost::json::array to_json(const std::vector<chains::Profile>& profiles);

}  // namespace crosspoint::api::jsapi
