#pragma once
#include <cstdint>

#include "base/time.h"

namespace crosspoint::sfu {

/// Merges what many subscribers ask of one publication: at most one request per half second, repeated until a key frame
/// begins, ever more rarely when none comes (the camera may be off).
class KeyFrameRequester {
public:
    void request(Timestamp now);
    void key_frame_began();
    /// True when one request must go out now; it then counts as sent.
    bool collect(Timestamp now);
    Timestamp next_timeout() const { return next_; }
    bool pending() const { return next_ != kNever; }

private:
    static constexpr Duration kShortest = 500ms;
    static constexpr Duration kPatient = 3s;
    static constexpr uint8_t kEagerTries = 6;

    Timestamp next_ = kNever;
    Timestamp allowed_{};
    uint8_t tries_ = 0;
};

}  // namespace crosspoint::sfu
