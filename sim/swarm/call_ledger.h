#pragma once
#include <boost/json/object.hpp>
#include <map>
#include <set>
#include <string>

#include "world.h"

namespace crosspoint::sim::swarm {

/// What devices were told of calls: in the order of revisions without a gap, each secret to one device alone, and
/// nothing that was told is ever taken back, whatever becomes of the server.
class CallLedger {
public:
    /// A frame about a call came to a device of this user.
    void told(const std::string& device, const std::string& user, const std::string& type,
              const boost::json::object& body);
    /// The device has a connection, or a snapshot, of its own from now on.
    void connected_anew(const std::string& device) { devices_[device].revisions.clear(); }
    /// `call.init` was answered: there is such a call.
    void opened(const std::string& call, const std::string& chain) { chains_[call] = chain; }
    /// What lives on the server agrees with all that was ever told.
    void expect_no_change_of_mind(const chains::Call& live) const;

    const std::map<std::string, std::string>& chains() const { return chains_; }
    /// Of calls that were told to have ended.
    const std::map<std::string, std::string>& ends() const { return ends_; }
    const std::set<std::string>& answered_by(const std::string& call) const;

private:
    struct Memory {
        std::map<std::string, uint64_t> revisions;  // by call: the last of this connection
        std::map<std::string, uint64_t> highest;    // ever
    };
    void told_change(const std::string& device, const std::string& call, const std::string& type,
                     const boost::json::object& body);

    std::map<std::string, Memory> devices_;
    std::map<std::string, std::string> secrets_;           // device, by its token
    std::map<std::string, std::string> chains_;            // by call
    std::map<std::string, std::string> ends_;              // reason, by call
    std::map<std::string, std::set<std::string>> joined_;  // profiles that were in, by call
};

}  // namespace crosspoint::sim::swarm
