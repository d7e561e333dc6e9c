#pragma once
#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "base/timers.h"

// The one text for one state of a machine: what the store keeps and what an exploration knows states by. A struct takes
// part with `using HasFields = void` and `static void fields(auto& self, auto& archive)`, which names its fields in
// order.
namespace crosspoint::chains {

/// A number that only ever grows and decides nothing by its size: kept in the store, left out by an exploration, whose
/// states would never repeat otherwise.
template <class Number>
struct Counter {
    Number& value;
};
template <class Number>
Counter(Number&) -> Counter<Number>;

/// What decides only about messages that come twice.
template <class Value>
struct Repetition {
    Value& value;
};
template <class Value>
Repetition(Value&) -> Repetition<Value>;

template <class T>
concept Fielded = requires { typename T::HasFields; };

enum class Counters : uint8_t { Kept, LeftOut, LeftOutAndRepetitions };

/// Times leave as civil milliseconds, so that a deadline survives the process whose clock it was measured by.
class CanonicalWriter {
public:
    CanonicalWriter(Now now, Counters counters) : now_(now), counters_(counters) { text_.reserve(kUsualSize); }

    template <class... Fields>
    void operator()(const Fields&... fields) {
        (write(fields), ...);
    }
    std::string take() { return std::move(text_); }

private:
    template <class Number>
        requires std::integral<Number> || std::is_enum_v<Number>
    void write(Number number) {
        char digits[24];
        char* end = std::to_chars(digits, digits + sizeof digits - 1, static_cast<int64_t>(number)).ptr;
        *end++ = ';';
        text_.append(digits, static_cast<size_t>(end - digits));
    }
    template <class Number>
    void write(const Counter<Number>& counter) {
        if (counters_ == Counters::Kept) write(counter.value);
    }
    template <class Value>
    void write(const Repetition<Value>& repetition) {
        if (counters_ != Counters::LeftOutAndRepetitions) write(repetition.value);
    }
    void write(const std::string& text) {
        write(text.size());
        text_ += text;
    }
    template <class Tag>
    void write(const TextId<Tag>& id) {
        write(id.value);
    }
    void write(WallTime time) { write(time.unix_milliseconds); }
    void write(Timestamp time) {
        if (time == kNever) {
            text_ += "-;";
            return;
        }
        write(now_.wall + std::chrono::duration_cast<std::chrono::milliseconds>(time - now_.mono));
    }
    template <class T>
    void write(const std::optional<T>& value) {
        write(value.has_value());
        if (value) write(*value);
    }
    template <class T>
    void write(const std::vector<T>& values) {
        write(values.size());
        for (const T& value : values) write(value);
    }
    template <class Timer>
    void write(const Timers<Timer>& timers) {
        for (int i = 0; i < static_cast<int>(Timer::kCount); ++i) write(timers.when(static_cast<Timer>(i)));
    }
    template <Fielded T>
    void write(const T& value) {
        T::fields(value, *this);
    }

    static constexpr size_t kUsualSize = 1024;

    std::string text_;
    Now now_;
    Counters counters_;
};

/// Reads what a CanonicalWriter wrote with its counters. Damage makes `done()` false, never undefined behaviour.
class CanonicalReader {
public:
    CanonicalReader(std::string_view text, Now now) : text_(text), now_(now) {}

    template <class... Fields>
    void operator()(Fields&&... fields) {
        (read(fields), ...);
    }
    /// True when everything was read, and nothing more was there.
    bool done() const { return good_ && text_.empty(); }

private:
    std::string_view until_semicolon() {
        const auto end = text_.find(';');
        if (end == std::string_view::npos) {
            good_ = false;
            text_ = {};
            return {};
        }
        const auto field = text_.substr(0, end);
        text_.remove_prefix(end + 1);
        return field;
    }
    int64_t number() {
        const auto field = until_semicolon();
        int64_t value = 0;
        const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
        if (error != std::errc{} || end != field.data() + field.size()) good_ = false;
        return value;
    }
    size_t length() {  // no list can have more elements than there are characters left
        const int64_t value = number();
        if (value < 0 || static_cast<uint64_t>(value) > text_.size()) {
            good_ = false;
            return 0;
        }
        return static_cast<size_t>(value);
    }
    template <class Number>
        requires std::integral<Number> || std::is_enum_v<Number>
    void read(Number& value) {
        value = static_cast<Number>(number());
    }
    template <class Number>
    void read(const Counter<Number>& counter) {
        read(counter.value);
    }
    template <class Value>
    void read(const Repetition<Value>& repetition) {
        read(repetition.value);
    }
    void read(std::string& text) {
        const size_t size = length();
        text = text_.substr(0, size);
        text_.remove_prefix(size);
    }
    template <class Tag>
    void read(TextId<Tag>& id) {
        read(id.value);
    }
    void read(WallTime& time) { time.unix_milliseconds = number(); }
    void read(Timestamp& time) {
        if (text_.starts_with("-;")) {
            text_.remove_prefix(2);
            time = kNever;
            return;
        }
        time = now_.mono + std::chrono::milliseconds(number() - now_.wall.unix_milliseconds);
    }
    template <class T>
    void read(std::optional<T>& value) {
        bool present = false;
        read(present);
        if (present) read(value.emplace());
    }
    template <class T>
    void read(std::vector<T>& values) {
        values.clear();
        values.resize(length());
        for (T& value : values) read(value);
    }
    template <class Timer>
    void read(Timers<Timer>& timers) {
        for (int i = 0; i < static_cast<int>(Timer::kCount); ++i) {
            Timestamp when = kNever;
            read(when);
            timers.set(static_cast<Timer>(i), when);
        }
    }
    template <Fielded T>
    void read(T& value) {
        T::fields(value, *this);
    }

    std::string_view text_;
    Now now_;
    bool good_ = true;
};

}  // namespace crosspoint::chains
