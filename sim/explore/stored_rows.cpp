#include "explore/stored_rows.h"

#include <variant>

#include "base/verify.h"
#include "chains/records.h"

namespace crosspoint::explore {

using namespace chains;

// Statements are told apart by their text: the code that makes them is asked for a sample of each.
void StoredRows::apply(const Statement& statement) {
    static const std::string_view chain = upsert_chain({}, {}, 0).sql;
    static const std::string_view member = insert_member({}, {}).sql;
    static const std::string_view call = upsert_call(Call{}, {}, 0, {}).sql;
    static const std::string_view forget = forget_call({}).sql;
    static const std::string_view seat = upsert_participant({}, 0, {}).sql;
    const auto text = [&](size_t at) { return std::get<std::string>(statement.values.at(at)); };
    if (statement.sql == chain) {
        chain_ = {{statement.values.at(1), statement.values.at(2)}};
    } else if (statement.sql == member) {
        members_.insert(text(1));
    } else if (statement.sql == call) {
        const int64_t pos = std::get<int64_t>(statement.values.at(2));
        positions_[text(0)] = pos;
        calls_[pos] = {{statement.values.back()}};
    } else if (statement.sql == forget) {
        calls_.erase(positions_.at(text(0)));
    } else {
        VERIFY(statement.sql == seat);  // history only
    }
}

StoredChain StoredRows::chain() const {
    StoredChain stored;
    if (!chain_.columns.empty()) stored.chain.push_back(chain_);
    for (const std::string& member : members_) stored.members.push_back({{member}});
    for (const auto& [pos, row] : calls_) stored.calls.push_back(row);
    return stored;
}

}  // namespace crosspoint::explore
