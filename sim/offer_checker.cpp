#include "offer_checker.h"

#include <fmt/format.h>

namespace crosspoint::sim {

std::string OfferChecker::compare(const Line& before, const Line& now) {
    if (now.kind != before.kind) return "is of another kind";
    // RFC 8829 5.2.2: only a rejected line gets another mid.
    if (now.mid != before.mid && !before.rejected) return "has another mid";
    // The browser would keep the old track and tell nobody.
    if (!now.stream.empty() && !before.stream.empty() && now.stream != before.stream)
        return "carries another stream without having fallen silent";
    return {};
}

std::string OfferChecker::check(const rtc::sdp::Description& offer) {
    std::vector<Line> lines;
    for (const rtc::sdp::Section& section : offer.sections)
        lines.push_back({section.kind, section.mid, section.msids.empty() ? "" : section.msids.front().stream,
                         offer.is_rejected(section)});
    const std::vector<Line> before = std::exchange(lines_, std::move(lines));
    const rtc::sdp::Origin origin = std::exchange(origin_, offer.origin);
    if (before.empty()) return {};
    if (lines_.size() < before.size()) return "m-lines are gone";
    for (size_t i = 0; i < before.size(); ++i)
        if (const std::string wrong = compare(before[i], lines_[i]); !wrong.empty())
            return fmt::format("m-line {} {}", i, wrong);
    // RFC 8829 5.2.2.
    if (offer.origin.session_id != origin.session_id) return "another session id in o=";
    if (offer.origin.version <= origin.version) return "a version in o= that does not rise";
    return {};
}

}  // namespace crosspoint::sim
