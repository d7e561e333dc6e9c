#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/net_address.h"
#include "base/time.h"

namespace crosspoint::sim {

/// What happened, as one number: all inputs and outputs of all machines in their order, without ciphertext. The same
/// seed must give the same number. Printed line by line on demand.
class Trace {
public:
    explicit Trace(bool print) : print_(print) {}

    void note(Timestamp now, std::string_view who, std::string_view what, std::string_view detail = {});
    void datagram(Timestamp now, const NetAddress& from, const NetAddress& to, Bytes bytes, bool arrives);

    uint64_t hash() const { return hash_; }

private:
    void mix(Bytes bytes);
    void mix(uint64_t number);

    bool print_;
    uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace crosspoint::sim
