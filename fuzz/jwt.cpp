#include "crypto/jwt.h"

#include "base/verify.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace crosspoint;
    static const Buffer key(32, 7);
    const std::string_view text = as_text({data, size});
    VERIFY(crypto::verify_jwt(key, crypto::sign_jwt(key, text)) == text);
    // Nobody finds a signature by chance, so what is accepted is what we would have written.
    if (const auto payload = crypto::verify_jwt(key, text)) VERIFY(crypto::sign_jwt(key, *payload) == text);
    return 0;
}
