#include "api/jsapi/stored.h"

namespace crosspoint::api::jsapi {

std::vector<Statement> user_selects(const chains::UserId& user, WallTime local_ids_since) {
    return {chains::select_user(user), chains::select_profiles(user), chains::select_relations(user),
            chains::select_connections_of(user), chains::select_local_ids(user, local_ids_since)};
}

chains::StoredUser stored_user(std::vector<std::vector<Row>> rows) {
    return {std::move(rows.at(0)), std::move(rows.at(1)), std::move(rows.at(2)), std::move(rows.at(3)),
            std::move(rows.at(4))};
}

std::vector<Statement> chain_selects(const chains::ChainId& chain) {
    return {chains::select_chain(chain), chains::select_members(chain), chains::select_calls(chain)};
}

chains::StoredChain stored_chain(std::vector<std::vector<Row>> rows) {
    return {std::move(rows.at(0)), std::move(rows.at(1)), std::move(rows.at(2))};
}

}  // namespace crosspoint::api::jsapi
