#include "sessions/token.h"
#include "base/verify.h"
#include "crypto/jwt.h"

// Any token, and any claims that are really signed.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace crosspoint;
    using namespace crosspoint::sessions;
    static const Buffer key(32, 7);
    static const TokenKeys keys = [] {
        TokenKeys made;
        made.set(AccountId("1"), key);
        return made;
    }();
    const std::string_view text = as_text({data, size});
    VERIFY(!keys.verify(text, WallTime{0}));
    const auto claims = keys.verify(crypto::sign_jwt(key, text), WallTime{0});
    VERIFY(!claims || claims->account == AccountId("1"));
    return 0;
}
