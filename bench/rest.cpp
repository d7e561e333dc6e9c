#include <benchmark/benchmark.h>

#include "api/routes.h"

// One REST request from its bytes to its answer, without sockets, password and store.
namespace crosspoint::api {
namespace {

constexpr Now kNow{Timestamp(1s), WallTime{1'700'000'000'000}};

void create_and_delete_participant(benchmark::State& state) {
    SeededRandom random(1);
    sessions::Directory directory(random);
    Effects later;
    sessions::Effects changes;
    directory.add_account(AccountId("9900000"), changes);
    Auth nobody({}, random);
    Routes routes(directory, nobody, random);
    const Caller caller{AccountId("9900000"), "alice", Role::Account};
    const std::string path = "/v1/accounts/9900000/participants";
    const std::string body = R"({"publishPermissions":["AUDIO","VIDEO"],"tag":"room-7","deviceApiVersion":"V3"})";
    for ([[maybe_unused]] auto turn : state) {
        const HttpResponse made =
            routes.handle_as(caller, {RequestId(1), "POST", path, {}, body, {}, false}, kNow, later, changes);
        const std::string id = made.body.substr(made.body.find("\"id\":\"") + 6, 36);
        routes.handle_as(caller, {RequestId(2), "DELETE", path + "/" + id, {}, "", {}, false}, kNow, later, changes);
        changes = {};
    }
    state.SetItemsProcessed(2 * state.iterations());
}
BENCHMARK(create_and_delete_participant);

// The worst change in a session: somebody publishes, and everybody else gets a new list.
void publish_into_a_full_session(benchmark::State& state) {
    SeededRandom random(1);
    sessions::Directory directory(random, {.participants_per_session = 1000});
    sessions::Effects out;
    const AccountId account("9900000");
    directory.add_account(account, out);
    const auto session = directory.create_session(account, std::nullopt, kNow, out)->id;
    std::vector<ParticipantId> members;
    for (int64_t i = 0; i < state.range(0); ++i) {
        members.push_back(directory.create_participant(account, {}, kNow, out)->id);
        const bool added = directory.add_member(account, session, members.back(), sessions::WholeSession{}, out).ok();
        if (!added) state.SkipWithError("refused");
        directory.set_published(members.back(), {{StreamId(random.uuid()), std::nullopt, {}}}, out);
    }
    for ([[maybe_unused]] auto turn : state) {
        out = {};
        directory.set_published(members.front(), {{StreamId(random.uuid()), std::nullopt, {}}}, out);
        benchmark::DoNotOptimize(out.messages.data());
    }
}
BENCHMARK(publish_into_a_full_session)->Arg(2)->Arg(20)->Arg(200);

}  // namespace
}  // namespace crosspoint::api
