#pragma once
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

// For tests only: captures and vectors from testdata/.
namespace crosspoint {

/// The bytes of testdata/`name`; fails the test when there is no such file.
inline std::string testdata(std::string_view name) {
    std::ifstream file(std::string(CROSSPOINT_TESTDATA "/").append(name), std::ios::binary);
    EXPECT_TRUE(file) << "no testdata/" << name;
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace crosspoint
