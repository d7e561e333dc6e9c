#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "chains/requests.h"
#include "chains/user_state.h"

// Local ids as a user owner remembers them (jsapi SEQ-7).
namespace crosspoint::chains {

/// Of the body of a request, the same in every process: two requests with one local id are the same request if it is.
std::string digest_of(const OpenRequest& open);
std::string digest_of(const AddText& add);

void add_local_id(std::vector<UsedLocalId>& ids, std::string_view local_id, WallTime used);
bool has_local_id(const std::vector<UsedLocalId>& ids, std::string_view local_id);
/// Those that were used before `hour`, since 1970.
void forget_local_ids(std::vector<UsedLocalId>& ids, int64_t before_hour);

}  // namespace crosspoint::chains
