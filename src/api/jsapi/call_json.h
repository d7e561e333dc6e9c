#pragma once
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "chains/messages.h"

// Calls as JSON, in what clients are told and in the administration API (jsapi 6.1, 8).
namespace crosspoint::api::jsapi {

boost::json::object to_json(const chains::MediaKinds& media);
boost::json::object to_json(const chains::CallView& view);
/// `live`: what tells of its end is left out.
boost::json::object to_json(const chains::CallRecord& record, bool live = false);
boost::json::array to_json(const std::vector<chains::ProfileId>& profiles);

/// A message of a call (SEQ-4), its envelope not yet around it.
struct CallText {
    std::string_view type;
    boost::json::object body;
};
CallText call_text(const chains::CallMessage& message);

}  // namespace crosspoint::api::jsapi
