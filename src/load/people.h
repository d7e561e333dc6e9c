#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crosspoint::load {

struct AdminCall {
    std::string method;
    std::string target;
    std::string body;
};

/// Makes users, a profile of the same id for each, and a token for each, with the administration API
/// (spec/openapi.yaml). Of several requests under way at a time, none is sent before those it needs are answered.
class People {
public:
    /// `names` outlive it.
    People(const std::vector<std::string>& names, const std::string& account, std::chrono::seconds token_life);

    struct Next {
        size_t person;
        AdminCall call;
    };
    /// What can be asked now; nothing when answers have to come first, or all is done.
    std::optional<Next> next();
    void answered(size_t person, unsigned status, std::string_view body);

    bool done() const { return made_ == names_.size(); }
    /// What went wrong first; empty: nothing.
    const std::string& problem() const { return problem_; }
    /// One for each name, once done.
    std::vector<std::string> take_tokens() { return std::move(tokens_); }

private:
    enum class Step : uint8_t { User, Profile, Token };

    const std::vector<std::string>& names_;
    std::string users_;  // path
    std::string token_body_;
    std::vector<Step> steps_;  // the next one of each
    std::deque<size_t> ready_;
    std::vector<std::string> tokens_;
    size_t made_ = 0;
    std::string problem_;
};

}  // namespace crosspoint::load
