#include "app/stored_state.h"

#include <algorithm>

#include "api/device/records.h"
#include "api/jsapi/stored.h"
#include "api/schema.h"
#include "chains/people_records.h"
#include "chains/records.h"
#include "sessions/records.h"

namespace crosspoint::app {

std::vector<Migration> all_migrations() {
    std::vector<Migration> all;
    for (const auto& part :
         {sessions::migrations(), api::migrations(), chains::migrations(), chains::people_migrations()})
        all.insert(all.end(), part.begin(), part.end());
    std::ranges::sort(all, {}, &Migration::version);
    return all;
}

namespace {

api::jsapi::StoredPeople read_people(store::Database& database) {
    api::jsapi::StoredPeople people;
    for (const Row& row : database.query(sessions::select_accounts())) {
        const AccountId account(row.text(0));
        for (const Row& user : database.query(chains::select_users(account)))
            people.users.emplace_back(user.text(0), account);
        for (Row& profile : database.query(chains::select_profile_book(account)))
            people.profiles.push_back(std::move(profile));
    }
    people.connections = database.query(chains::select_connections());
    for (const Row& row : database.query(chains::select_busy_chains())) {
        const chains::ChainId chain(row.text(0));
        people.chains.emplace_back(chain,
                                   api::jsapi::stored_chain(read_rows(database, api::jsapi::chain_selects(chain))));
    }
    for (const Row& row : database.query(chains::select_busy_users())) {
        const chains::UserId user(row.text(0));
        // Too old local ids are the owner's to forget.
        const auto selects = api::jsapi::user_selects(user, WallTime{});
        people.busy_users.emplace_back(user, api::jsapi::stored_user(read_rows(database, selects)));
    }
    people.waiting_news = database.query(chains::select_waiting_news());
    people.call_sessions = database.query(api::jsapi::Seating::select_sessions());
    people.call_seats = database.query(api::jsapi::Seating::select_seats());
    return people;
}

}  // namespace

std::vector<std::vector<Row>> read_rows(store::Database& database, const std::vector<Statement>& selects) {
    std::vector<std::vector<Row>> rows;
    for (const Statement& select : selects) rows.push_back(database.query(select));
    return rows;
}

StoredState read_stored(store::Database& database) {
    StoredState stored;
    stored.directory.accounts = database.query(sessions::select_accounts());
    stored.directory.sessions = database.query(sessions::select_sessions());
    stored.directory.participants = database.query(sessions::select_participants());
    stored.devices = database.query(api::device::select_devices());
    stored.callbacks = database.query(api::Callbacks::select_all());
    stored.demo_rooms = database.query(api::Demo::select_rooms());
    stored.people = read_people(database);
    return stored;
}

}  // namespace crosspoint::app
