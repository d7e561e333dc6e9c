#pragma once
#include <utility>
#include <variant>

#include "base/verify.h"

// A value or the reason there is none. For requests we may have to refuse; damaged bytes are a `std::nullopt` instead.
namespace crosspoint {

template <class E>
struct Failure {
    E error;
};
template <class E>
Failure(E) -> Failure<E>;

template <class T, class E>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}
    Result(Failure<E> failure) : state_(std::in_place_index<1>, std::move(failure.error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    T& value() {
        VERIFY(ok());
        return std::get<0>(state_);
    }
    const T& value() const {
        VERIFY(ok());
        return std::get<0>(state_);
    }
    T& operator*() { return value(); }
    const T& operator*() const { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    const E& error() const {
        VERIFY(!ok());
        return std::get<1>(state_);
    }

private:
    std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
public:
    Result() = default;
    Result(E error) : failed_(true), error_(std::move(error)) {}
    Result(Failure<E> failure) : failed_(true), error_(std::move(failure.error)) {}

    bool ok() const { return !failed_; }
    explicit operator bool() const { return ok(); }
    const E& error() const {
        VERIFY(failed_);
        return error_;
    }

private:
    bool failed_ = false;
    E error_{};
};

}  // namespace crosspoint
