#pragma once
#include <string>
#include <vector>

#include "rtc/sdp/description.h"

namespace crosspoint::sim {

/// What a browser holds the server to in the offers to one peer connection: m-lines keep their places, and a line that
/// carried one stream falls silent before it carries another (spec 2.7).
class OfferChecker {
public:
    /// What is wrong with the next offer; empty when nothing is.
    std::string check(const rtc::sdp::Description& offer);
    /// m-lines in the last offer.
    size_t lines() const { return lines_.size(); }

private:
    struct Line {
        rtc::sdp::SectionKind kind;
        std::string mid;
        std::string stream;  // empty: silent
        bool rejected;
    };
    static std::string compare(const Line& before, const Line& now);

    std::vector<Line> lines_;
    rtc::sdp::Origin origin_;
};

}  // namespace crosspoint::sim
