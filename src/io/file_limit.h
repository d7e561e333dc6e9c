#pragma once
#include <cstddef>

namespace crosspoint::io {

/// Lets this process have that many files open, sockets among them, as far as the system allows. Returns how many it
/// may have now; more than asked for when it could before.
size_t raise_file_limit(size_t wanted);

}  // namespace crosspoint::io
