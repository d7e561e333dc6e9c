#pragma once
#include <map>
#include <set>
#include <string>

#include "chains/records.h"

namespace crosspoint::explore {

/// What a store would hold of one chain after these statements, without a database.
class StoredRows {
public:
    void apply(const Statement& statement);
    chains::StoredChain chain() const;

private:
    Row chain_;
    std::set<std::string> members_;
    std::map<int64_t, Row> calls_;              // by place in the chain: those with a state
    std::map<std::string, int64_t> positions_;  // of calls
};

}  // namespace crosspoint::explore
