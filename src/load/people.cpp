#include "load/people.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace crosspoint::load {

namespace json = boost::json;

People::People(const std::vector<std::string>& names, const std::string& account, std::chrono::seconds token_life)
    : names_(names),
      users_(fmt::format("/admin/v1/accounts/{}/users/", account)),
      token_body_(json::serialize(json::object{{"lifeSeconds", token_life.count()}})),
      steps_(names.size()),
      tokens_(names.size()) {
    for (size_t i = 0; i < names.size(); ++i) ready_.push_back(i);
}

std::optional<People::Next> People::next() {
    if (ready_.empty() || !problem_.empty()) return std::nullopt;
    const size_t person = ready_.front();
    ready_.pop_front();
    const std::string user = users_ + names_[person];
    switch (steps_[person]) {
        case Step::User: return Next{person, {"PUT", user, {}}};
        case Step::Profile: return Next{person, {"PUT", user + "/profiles/" + names_[person], "{}"}};
        case Step::Token: return Next{person, {"POST", user + "/tokens", token_body_}};
    }
    return std::nullopt;
}

void People::answered(size_t person, unsigned status, std::string_view body) {
    boost::system::error_code failed;
    const json::value answer = json::parse({body.data(), body.size()}, failed);
    if (status / 100 != 2 || failed || !answer.is_object()) {
        problem_ = fmt::format("the administration API answers {}: {}", status, body);
        return;
    }
    switch (steps_[person]) {
        case Step::User: steps_[person] = Step::Profile; break;
        case Step::Profile: steps_[person] = Step::Token; break;
        case Step::Token: {
            const json::value* token = answer.as_object().if_contains("token");
            if (!token || !token->is_string()) {
                problem_ = "the administration API answers without a token";
                return;
            }
            tokens_[person] = std::string(token->as_string());
            ++made_;
            return;
        }
    }
    ready_.push_front(person);
}

}  // namespace crosspoint::load
