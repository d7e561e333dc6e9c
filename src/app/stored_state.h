#pragma once
#include <vector>

#include "app/control_plane.h"
#include "store/database.h"

// What of the control plane is on the disk.
namespace crosspoint::app {

/// Of every table there is, as a database has to be opened with.
std::vector<Migration> all_migrations();

/// What `ControlPlane::restore` wants. Throws store::Error.
StoredState read_stored(store::Database& database);

/// The answer to api::QueryRows. Throws store::Error.
std::vector<std::vector<Row>> read_rows(store::Database& database, const std::vector<Statement>& selects);

}  // namespace crosspoint::app
