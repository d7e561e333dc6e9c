#include "load/calls.h"

namespace crosspoint::load {
namespace {

constexpr Duration kRing = 500ms;  // from its ringing to its answer
constexpr Duration kTalk = 1s;     // from its answer to its end

json::object of_call(const std::string& call) { return {{"callId", call}}; }

std::string call_of(const News& news) { return std::string(text_of(news.body, "callId")); }

}  // namespace

Calls::Calls(const std::vector<std::string>& names, Pace pace, Random& random)
    : names_(names), pace_(pace), random_(random), pairs_(names.size() / 2) {
    for (size_t i = 0; i < pairs_.size(); ++i) pairs_[i].caller = 2 * i + 1;
}

void Calls::handle_timeout(Timestamp now, std::vector<Ask>& out) {
    while (const auto index = deadlines_.pop_due(now)) act(now, *index, out);
    while (pace_.next() <= now) {
        const size_t first = turn_;
        do turn_ = (turn_ + 1) % pairs_.size();
        while (pairs_[turn_].step != Step::None && turn_ != first);
        stuck_ = pairs_[turn_].step != Step::None;
        if (stuck_) return;
        open(turn_, out);
        pace_.take();
    }
}

void Calls::open(size_t index, std::vector<Ask>& out) {
    Pair& pair = pairs_[index];
    const Person caller = other_of(pair.caller);
    pair = {};
    pair.step = Step::Opened;
    pair.caller = caller;
    pair.due = pace_.next();
    pair.over = pair.due + kCallLimit;
    wait(index, kNever);
    ++live_;
    ++figures_.opened;
    out.push_back({pair.caller,
                   "call.init",
                   {{"localId", random_.uuid()},
                    {"from", names_[pair.caller]},
                    {"to", json::array{names_[other_of(pair.caller)]}},
                    {"options", {{"audio", true}, {"video", false}}}}});
}

/// The next thing that one of the two does by itself, or the end of our patience.
void Calls::act(Timestamp now, size_t index, std::vector<Ask>& out) {
    Pair& pair = pairs_[index];
    if (now >= pair.over) {
        ++figures_.unfinished;
        return close(index);
    }
    if (pair.step == Step::Ringing) {
        json::object accept = of_call(pair.call);
        accept["media"] = {{"audio", true}, {"video", false}};
        out.push_back({other_of(pair.caller), "call.accept", std::move(accept)});
        pair.step = Step::Answered;
        pair.accepted = now;
        wait(index, kNever);
    } else if (pair.step == Step::Talking) {
        out.push_back({pair.caller, "call.hangup", of_call(pair.call)});
        pair.step = Step::HungUp;
        wait(index, kNever);
    }
}

void Calls::hear(Timestamp now, Person who, const News& news, std::vector<Ask>& out) {
    const size_t index = pair_of(who);
    Pair& pair = pairs_[index];
    if (news.type == "reply") {
        if (const auto error = error_of(news)) fail(index, news.answers + ": " + *error);
        return;
    }
    if (news.type == "call.init" && who == pair.caller && pair.call.empty()) pair.call = call_of(news);
    if (pair.step == Step::None || (!pair.call.empty() && call_of(news) != pair.call))
        return;  // of one that we gave up
    on_message(now, who, news, out);
}

void Calls::on_message(Timestamp now, Person who, const News& news, std::vector<Ask>& out) {
    const size_t index = pair_of(who);
    Pair& pair = pairs_[index];
    const bool is_caller = who == pair.caller;
    if (news.type == "call.init") {
        if (!is_caller) out.push_back({who, "call.ringing", of_call(call_of(news))});
    } else if (news.type == "call.ringing") {
        if (!is_caller || pair.step != Step::Opened) return;
        ++figures_.rung;
        figures_.ringing.add(now - pair.due);
        pair.step = Step::Ringing;
        wait(index, now + kRing);
    } else if (news.type == "call.accept") {
        if (!is_caller || pair.step != Step::Answered) return;
        ++figures_.answered;
        figures_.answering.add(now - pair.accepted);
        pair.step = Step::Talking;
        wait(index, now + kTalk);
    } else if (news.type == "call.media") {
        ++pair.media;
    } else if (news.type == "call.end") {
        on_end(now, index, news);
    } else if (news.type != "call.hangup" && news.type != "call.update") {
        fail(index, news.type);
    }
}

void Calls::on_end(Timestamp now, size_t index, const News& news) {
    Pair& pair = pairs_[index];
    const auto reason = text_of(news.body, "endReason");
    if (pair.step != Step::HungUp || reason != "hangup") return fail(index, "ended: " + std::string(reason));
    if (++pair.ended < 2) return;
    if (pair.media != 2) return fail(index, "call.media is missing");
    ++figures_.ended;
    figures_.lasting.add(now - pair.due);
    close(index);
}

void Calls::fail(size_t index, const std::string& why) {
    ++figures_.errors[why];
    if (pairs_[index].step == Step::None) return;
    ++figures_.failed;
    close(index);
}

void Calls::close(size_t index) {
    pairs_[index].step = Step::None;
    deadlines_.remove(index);
    --live_;
    stuck_ = false;
}

}  // namespace crosspoint::load
