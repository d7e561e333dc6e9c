#include "sfu/key_frame_requester.h"

#include <algorithm>

namespace crosspoint::sfu {

void KeyFrameRequester::request(Timestamp now) {
    tries_ = 0;  // somebody new asks: be eager again
    next_ = std::min(next_, std::max(now, allowed_));
}

void KeyFrameRequester::key_frame_began() {
    next_ = kNever;
    tries_ = 0;
}

bool KeyFrameRequester::collect(Timestamp now) {
    if (now < next_) return false;
    if (tries_ < kEagerTries) ++tries_;
    allowed_ = now + kShortest;
    next_ = now + (tries_ < kEagerTries ? kShortest : kPatient);
    return true;
}

}  // namespace crosspoint::sfu
