#include "api/jsapi/profile_json.h"

#include "api/jsapi/words.h"

namespace crosspoint::api::jsapi {

boost::json::object to_json(const chains::Profile& profile) {
    return {{"id", profile.id.value},
            {"kind", word(profile.kind)},
            {"nickname", profile.nickname},
            {"dnd", profile.dnd},
            {"busyPolicy", word(profile.busy_policy)},
            {"callPolicy", word(profile.call_policy)},
            {"wakeable", profile.wakeable}};
}

boost::json::array to_json(const std::vector<chains::Profile>& profiles) {
    boost::json::array array;
    for (const auto& profile : profiles) array.push_back(to_json(profile));
    return array;
}

}  // namespace crosspoint::api::jsapi
