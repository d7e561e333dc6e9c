#pragma once
#include <string>
#include <string_view>

#include "base/random.h"

// Passwords as they are kept: scrypt (RFC 7914) with its parameters in the text, so that stronger ones can come later.
// Deliberately slow, about a tenth of a second, and 32 MB while it runs: callers bound how often a stranger can ask.
namespace crosspoint::crypto {

/// "scrypt$15$8$1$salt$hash": log2(N), r, p, and salt and hash in base64url. One line, no spaces.
std::string hash_password(std::string_view password, Random& random);

/// False for another password and for stored text that is damaged or asks for more than 128 MB.
bool verify_password(std::string_view password, std::string_view stored);

}  // namespace crosspoint::crypto
