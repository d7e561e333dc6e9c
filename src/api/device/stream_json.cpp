#include "api/device/stream_json.h"

#include <boost/json/array.hpp>

namespace crosspoint::api::device {

boost::json::object stream_metadata(const StreamId& endpoint, const std::vector<rtc::MediaKind>& kinds,
                                    const std::optional<std::string>& alias, const ParticipantId& publisher) {
    boost::json::array types;
    for (const rtc::MediaKind kind : {rtc::MediaKind::Audio, rtc::MediaKind::Video})
        if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end())
            types.emplace_back(kind == rtc::MediaKind::Audio ? "AUDIO" : "VIDEO");
    boost::json::object metadata{
        {"endpointId", endpoint.value}, {"mediaTypes", std::move(types)}, {"participantId", publisher.value}};
    if (alias) metadata["alias"] = *alias;
    return metadata;
}

}  // namespace crosspoint::api::device
