#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "people/device.h"

// What can be seen of a device.
namespace crosspoint::sim {

namespace json = boost::json;

void Device::forgets_the_past() {
    std::erase_if(calls_, [](const auto& call) { return !call->live(); });
    past_calls_.clear();
    events_.clear();
    link_.forget_frames();
}

CallPicture* Device::find(const std::string& call) const {
    if (call.empty()) return nullptr;
    const auto found = std::ranges::find(calls_, call, [](const auto& one) { return one->id; });
    return found == calls_.end() ? nullptr : found->get();
}

CallPicture& Device::call() const {
    static CallPicture none;
    EXPECT_FALSE(calls_.empty()) << name_ << " knows of no call";
    return calls_.empty() ? none : *calls_.back();
}

CallPicture& Device::call(const std::string& call) const {
    static CallPicture none;
    CallPicture* found = find(call);
    EXPECT_TRUE(found) << name_ << " knows of no call " << call;
    return found ? *found : none;
}

bool Device::rings() const {
    return std::ranges::any_of(calls_, [&](const auto& call) {
        return call->live() && call->announced && call->over.empty() && call->role(viewer()) == "receiver" &&
               call->leg != "passive";
    });
}

size_t Device::count(std::string_view event, std::string_view call) const {
    return static_cast<size_t>(std::ranges::count_if(
        events_, [&](const Event& e) { return e.name == event && (call.empty() || e.call == call); }));
}

bool Device::was_told(std::string_view event, const std::vector<std::string>& args) const {
    return std::ranges::any_of(events_, [&](const Event& e) { return e.name == event && e.args == args; });
}

std::vector<std::string> Device::story(const std::string& call) const {
    std::vector<std::string> names;
    for (const Event& event : events_)
        if (event.call == call && event.name != "state" && event.name != "call:updated") names.push_back(event.name);
    return names;
}

namespace {
size_t count_frames(const std::vector<Frame>& frames, std::string_view type, std::string_view call) {
    return static_cast<size_t>(std::ranges::count_if(frames, [&](const Frame& frame) {
        return frame.type == type && (call.empty() || text(frame.body, "callId") == call);
    }));
}
}  // namespace

size_t Device::heard(std::string_view type, std::string_view call) const {
    return count_frames(link_.heard(), type, call);
}
size_t Device::said(std::string_view type, std::string_view call) const {
    return count_frames(link_.said(), type, call);
}

json::object Device::last(std::string_view type) const {
    for (auto frame = link_.heard().rbegin(); frame != link_.heard().rend(); ++frame)
        if (frame->type == type) return frame->body;
    return {};
}

bool Device::ever_heard_text(std::string_view words) const {
    return std::ranges::any_of(link_.heard(), [&](const Frame& frame) {
        return json::serialize(frame.body).find(words) != std::string::npos;
    });
}

}  // namespace crosspoint::sim
