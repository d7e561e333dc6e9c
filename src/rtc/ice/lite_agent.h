#pragma once
#include <array>
#include <optional>

#include "base/token_bucket.h"
#include "rtc/ice/agent.h"
#include "rtc/stun/message.h"

namespace crosspoint::rtc::ice {

/// The lite side (RFC 8445 2.5): never asks, only answers, and believes the address that a right check came from. Until
/// the peer nominates a pair the one heard last carries media; then the one nominated last.
class LiteAgent final : public Agent {
public:
    explicit LiteAgent(IceCredentials local);

    void handle_message(Timestamp now, const NetAddress& from, Bytes datagram, Outbox& out) override;
    void handle_timeout(Timestamp now, Outbox& out) override;
    Timestamp next_timeout() const override;
    void set_remote(Timestamp, const IceCredentials&, std::span<const Candidate>) override {}
    void restart(IceCredentials local) override;
    std::vector<std::string> local_ufrags() const override;
    const NetAddress* selected() const override;
    bool validated(const NetAddress& from) const override;
    const Counters& counters() const override { return counters_; }

private:
    struct Pair {
        NetAddress remote;
        Timestamp heard;
    };

    const Credentials* credentials_of(const stun::Message& check) const;
    void accept(Timestamp now, const NetAddress& from, const stun::Message& check, const Credentials& used,
                Outbox& out);
    void remember(Timestamp now, const NetAddress& from, Outbox& out);
    const Pair& heard_last() const;
    void select(const NetAddress& remote, Outbox& out);
    void answer(Timestamp now, const NetAddress& to, const stun::Message& check, const Credentials& used, Outbox& out);
    void refuse(Timestamp now, const NetAddress& to, const stun::Message& check, stun::ErrorCode code,
                const Credentials* used, Outbox& out);

    // The newest last. The first is what media runs on; it and all others go with the first check to a newer one.
    std::vector<Credentials> credentials_;
    std::array<Pair, kMaxPairs> pairs_{};
    size_t pair_count_ = 0;
    std::optional<NetAddress> selected_;
    bool nominated_ = false;
    bool silent_ = false;
    Timestamp consent_ends_ = kNever;  // of the selected pair
    TokenBucket answers_;
    TokenBucket refusals_;
    Counters counters_;
};

}  // namespace crosspoint::rtc::ice
