#include "api/routes.h"
#include "base/verify.h"

namespace {

using namespace crosspoint;
using namespace crosspoint::api;

const AccountId kAccount("1");
constexpr Now kNow{Timestamp(1s), WallTime{1'700'000'000'000}};

/// The method and target in the first line, the rest is the body. {S} and {P} stand for a session and a participant.
HttpRequest parse_seed(std::string_view text, const std::string& session, const std::string& participant) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const size_t space = std::min(line.find(' '), line.size());
    std::string target(line.substr(std::min(space + 1, line.size())));
    if (const size_t at = target.find("{S}"); at != std::string::npos) target.replace(at, 3, session);
    if (const size_t at = target.find("{P}"); at != std::string::npos) target.replace(at, 3, participant);
    return {RequestId(1),
            std::string(line.substr(0, space)),
            std::move(target),
            {},
            std::string(text.substr(std::min(line.size() + 1, text.size()))),
            NetAddress(),
            false};
}

}  // namespace

// Any request of a client that may do everything: never a 500, and a refused one changes nothing.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static SeededRandom random(1);
    sessions::Effects changes;
    sessions::Directory directory(random);
    directory.add_account(kAccount, changes);
    const auto session = directory.create_session(kAccount, std::nullopt, kNow, changes)->id;
    const auto participant = directory.create_participant(kAccount, {}, kNow, changes)->id;
    if (size % 2 == 0) VERIFY(directory.add_member(kAccount, session, participant, {}, changes).ok());
    changes = {};

    Auth nobody({}, random);
    Routes routes(directory, nobody, random);
    const HttpRequest request = parse_seed(as_text({data, size}), session.value, participant.value);
    Effects later;
    const HttpResponse response = routes.handle_as({kAccount, "alice", Role::Account}, request, kNow, later, changes);
    VERIFY(response.status >= 200 && response.status < 500);
    VERIFY(response.status < 400 || (changes.statements.empty() && changes.messages.empty()));
    return 0;
}
