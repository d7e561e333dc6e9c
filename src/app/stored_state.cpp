#include "app/stored_state.h"

#include "api/device/records.h"
#include "api/schema.h"
#include "sessions/records.h"

namespace crosspoint::app {

std::vector<Migration> all_migrations() {
    std::vector<Migration> all;
    for (const auto& part : {sessions::migrations(), api::migrations()})
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

StoredState read_stored(store::Database& database) {
    StoredState stored;
    stored.directory.accounts = database.query(sessions::select_accounts());
    stored.directory.sessions = database.query(sessions::select_sessions());
    stored.directory.participants = database.query(sessions::select_participants());
    stored.devices = database.query(api::device::select_devices());
    stored.callbacks = database.query(api::Callbacks::select_all());
    stored.demo_rooms = database.query(api::Demo::select_rooms());
    return stored;
}

}  // namespace crosspoint::app
