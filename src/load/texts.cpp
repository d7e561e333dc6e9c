#include "load/texts.h"

#include <algorithm>
#include <charconv>

namespace crosspoint::load {
namespace {

// What comes after the number makes a text as long as people write.
constexpr std::string_view kFiller = " is the number of this text, which is about as long as what people write";

uint64_t leading_number(std::string_view text) {
    uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

Texts::Texts(const std::vector<std::string>& names, Pace pace, Random& random)
    : names_(names), pace_(pace), random_(random), pairs_(names.size() / 2) {
    for (size_t i = 0; i < pairs_.size(); ++i) {
        pairs_[i].next = 2 * i;
        pairs_[i].position = {-1, -1};
    }
}

void Texts::handle_timeout(Timestamp now, std::vector<Ask>& out) {
    while (pace_.next() <= now) {
        Pair* pair = next_pair();
        stuck_ = pair == nullptr;
        if (stuck_) return;
        send(*pair, pace_.next(), out);
        pace_.take();
    }
}

/// By turns; one whose first text is on its way has no chain yet that a second could be put into.
Texts::Pair* Texts::next_pair() {
    for (size_t tried = 0; tried < pairs_.size(); ++tried) {
        Pair& pair = pairs_[turn_];
        turn_ = (turn_ + 1) % pairs_.size();
        if (!pair.chain.empty() || pair.under_way.empty()) return &pair;
    }
    return nullptr;
}

void Texts::send(Pair& pair, Timestamp due, std::vector<Ask>& out) {
    const Person sender = pair.next;
    pair.next = other_of(sender);
    const uint64_t number = ++pair.sent[sender % 2];
    json::object body{{"localId", random_.uuid()},
                      {"sender", names_[sender]},
                      {"receivers", json::array{names_[other_of(sender)]}},
                      {"content", {{"text", std::to_string(number) + std::string(kFiller)}}}};
    if (!pair.chain.empty()) body["chainId"] = pair.chain;
    out.push_back({sender, "text.add_message", std::move(body)});
    pair.under_way.push_back({.sender = sender, .number = number, .due = due, .seen = {}});
    ++under_way_;
    ++figures_.sent;
}

void Texts::hear(Timestamp now, Person who, const json::object& body) {
    Pair& pair = pairs_[pair_of(who)];
    const Person sender = text_of(body, "sender") == names_[who] ? who : other_of(who);
    const json::value* content = body.if_contains("content");
    const uint64_t number = content && content->is_object() ? leading_number(text_of(content->as_object(), "text")) : 0;
    if (pair.chain.empty()) pair.chain = text_of(body, "chainId");
    stuck_ = false;

    const auto text = std::ranges::find_if(
        pair.under_way, [&](const UnderWay& one) { return one.sender == sender && one.number == number; });
    if (text == pair.under_way.end() || text->seen[who % 2]) {
        ++figures_.duplicated;
        return;
    }
    note_order(pair, who, sender, number, body);
    text->seen[who % 2] = true;
    if (who != sender) {
        ++figures_.delivered;
        figures_.took.add(now - text->due);
    }
    if (text->seen[0] && text->seen[1]) {
        pair.under_way.erase(text);
        --under_way_;
    }
}

void Texts::note_order(Pair& pair, Person who, Person sender, uint64_t number, const json::object& body) {
    uint64_t& last = pair.heard[who % 2][sender % 2];
    const json::value* pos = body.if_contains("pos");
    boost::system::error_code failed;
    const int64_t position = pos ? pos->to_number<int64_t>(failed) : -1;
    const bool next = number == last + 1 && position > pair.position[who % 2] && text_of(body, "chainId") == pair.chain;
    if (!next) ++figures_.out_of_order;
    last = std::max(last, number);
    pair.position[who % 2] = std::max(pair.position[who % 2], position);
}

TextFigures Texts::figures() const {
    TextFigures figures = figures_;
    figures.lost = under_way_;
    return figures;
}

}  // namespace crosspoint::load
