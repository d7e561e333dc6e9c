#pragma once
#include "chains/messages.h"

namespace crosspoint::explore {

/// A client's picture of a call, after this message (jsapi 7.2, 8.2): what is said, and what follows from it.
void apply(const chains::CallNews& news, chains::CallView& view);

/// What every client of the same user has to agree on with the owner. Left out: the user's own passive devices, of
/// which the others are not told one by one, and when things happened.
bool same_picture(const chains::CallView& a, const chains::CallView& b);

}  // namespace crosspoint::explore
