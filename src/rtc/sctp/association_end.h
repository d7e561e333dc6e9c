#pragma once

#include <algorithm>
#include <string>

#include "rtc/sctp/association.h"

namespace crosspoint::rtc::sctp {

template <class E>
size_t count_of(const std::vector<Event>& events) {
    return static_cast<size_t>(
        std::count_if(events.begin(), events.end(), [](const Event& e) { return std::holds_alternative<E>(e); }));
}

inline std::string text_of_size(size_t size, size_t salt) {
    std::string text(size, ' ');
    for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i * 7 + salt) % 26);
    return text;
}

/// An association under test, and what it has put out.
struct End {
    explicit End(const Options& options, uint64_t seed) : random(seed), association(options, random) {}

    std::vector<std::string> texts(uint16_t stream) const {
        std::vector<std::string> texts;
        for (const Event& event : events)
            if (const auto* message = std::get_if<Message>(&event); message && message->stream == stream)
                texts.emplace_back(as_text(message->bytes));
        return texts;
    }

    SeededRandom random;
    Association association;
    Output out;
    std::vector<Event> events;
};

}  // namespace crosspoint::rtc::sctp
