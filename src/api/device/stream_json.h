#pragma once
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "rtc/media.h"

namespace crosspoint::api::device {

/// StreamMetadata of spec 2.3. An absent alias stays absent: clients tell it from an empty one.
boost::json::object stream_metadata(const StreamId& endpoint, const std::vector<rtc::MediaKind>& kinds,
                                    const std::optional<std::string>& alias, const ParticipantId& publisher);

}  // namespace crosspoint::api::device
