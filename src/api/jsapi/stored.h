#pragma once
#include <vector>

#include "chains/people_records.h"
#include "chains/records.h"

// How users and chains are read from the store, at the start and later, when somebody asks for them.
namespace crosspoint::api::jsapi {

std::vector<Statement> user_selects(const chains::UserId& user, WallTime local_ids_since);
/// From the rows of these.
chains::StoredUser stored_user(std::vector<std::vector<Row>> rows);

std::vector<Statement> chain_selects(const chains::ChainId& chain);
chains::StoredChain stored_chain(std::vector<std::vector<Row>> rows);

}  // namespace crosspoint::api::jsapi
