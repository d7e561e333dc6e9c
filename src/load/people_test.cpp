#include "load/people.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace crosspoint::load {
namespace {

TEST(LoadPeople, AreMadeInTheOrderTheirPartsNeed) {
    const std::vector<std::string> names{"ann"};
    People people(names, "dev", 60s);
    const auto user = people.next();
    ASSERT_TRUE(user);
    EXPECT_EQ(user->call.method + " " + user->call.target, "PUT /admin/v1/accounts/dev/users/ann");
    EXPECT_FALSE(people.next());
    people.answered(0, 201, R"({"id":"ann"})");
    const auto profile = people.next();
    ASSERT_TRUE(profile);
    EXPECT_EQ(profile->call.target, "/admin/v1/accounts/dev/users/ann/profiles/ann");
    people.answered(0, 201, "{}");
    const auto token = people.next();
    ASSERT_TRUE(token);
    EXPECT_EQ(token->call.method + " " + token->call.target, "POST /admin/v1/accounts/dev/users/ann/tokens");
    EXPECT_EQ(token->call.body, R"({"lifeSeconds":60})");
    EXPECT_FALSE(people.done());
    people.answered(0, 200, R"({"token":"a.b.c"})");
    EXPECT_TRUE(people.done());
    EXPECT_EQ(people.take_tokens(), std::vector<std::string>{"a.b.c"});
}

TEST(LoadPeople, SeveralAreMadeAtATime) {
    const std::vector<std::string> names{"ann", "bob"};
    People people(names, "dev", 60s);
    EXPECT_EQ(people.next()->person, 0U);
    EXPECT_EQ(people.next()->person, 1U);
    EXPECT_FALSE(people.next());
}

TEST(LoadPeople, ARefusalEndsIt) {
    const std::vector<std::string> names{"ann", "bob"};
    People people(names, "dev", 60s);
    people.next();
    people.answered(0, 403, R"({"type":"authorization"})");
    EXPECT_EQ(people.problem(), R"(the administration API answers 403: {"type":"authorization"})");
    EXPECT_FALSE(people.next());
}

}  // namespace
}  // namespace crosspoint::load
