#include "io/file_limit.h"

#include <sys/resource.h>

#include <algorithm>

namespace crosspoint::io {

size_t raise_file_limit(size_t wanted) {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    if (limit.rlim_cur >= wanted) return limit.rlim_cur;
    // Beyond the hard limit only the privileged can go.
    const rlimit both{wanted, std::max<rlim_t>(wanted, limit.rlim_max)};
    if (setrlimit(RLIMIT_NOFILE, &both) == 0) return wanted;
    const rlimit most{std::min<rlim_t>(wanted, limit.rlim_max), limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &most) == 0) return most.rlim_cur;
    return limit.rlim_cur;
}

}  // namespace crosspoint::io
