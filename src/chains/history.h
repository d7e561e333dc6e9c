#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/statement.h"
#include "chains/messages.h"

// What a profile may read of its chains (jsapi 6.2).
namespace crosspoint::chains {

/// What `profile` may read of a chain, in three selects; one more than `limit` of each kind.
std::vector<Statement> select_history(const ProfileId& profile, const ChainId& chain, std::optional<uint64_t> before,
                                      size_t limit);
/// At most `limit` messages, and no more than fit into about `most_bytes`, but one if there is any.
HistoryPage history_from(const std::vector<std::vector<Row>>& rows, const ProfileId& profile, const UserId& reader,
                         const ChainId& chain, size_t limit, size_t most_bytes);
/// Nothing when `before` is not ours.
std::optional<Statement> select_chain_list(const ProfileId& profile, const std::optional<std::string>& before,
                                           size_t limit);
ChainPage chain_page_from(const std::vector<Row>& rows, size_t limit);

}  // namespace crosspoint::chains
