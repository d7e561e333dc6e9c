#include "io/file_limit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace crosspoint::io {
namespace {

/// Puts the limit back that was there.
class FileLimit : public testing::Test {
protected:
    FileLimit() { getrlimit(RLIMIT_NOFILE, &before_); }
    ~FileLimit() override { setrlimit(RLIMIT_NOFILE, &before_); }
    static size_t limit() {
        rlimit now{};
        getrlimit(RLIMIT_NOFILE, &now);
        return now.rlim_cur;
    }
    rlimit before_{};
};

TEST_F(FileLimit, IsRaisedToWhatIsWantedAndNeverLowered) {
    const rlimit low{100, before_.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
    EXPECT_EQ(raise_file_limit(200), 200U);
    EXPECT_EQ(limit(), 200U);
    EXPECT_EQ(raise_file_limit(150), 200U);
    EXPECT_EQ(limit(), 200U);
}

TEST_F(FileLimit, BeyondWhatTheSystemAllowsItSaysWhatThereIs) {
    constexpr size_t kAbsurd = size_t{1} << 40;
    const size_t allowed = raise_file_limit(kAbsurd);
    EXPECT_LT(allowed, kAbsurd);
    EXPECT_EQ(allowed, limit());
}

}  // namespace
}  // namespace crosspoint::io
