#pragma once
#include <array>
#include <optional>

#include "base/random.h"
#include "base/timers.h"
#include "rtc/ice/agent.h"
#include "rtc/stun/message.h"

namespace crosspoint::rtc::ice {

/// The asking side, against a peer that is lite: for simulated browsers, the load generator and relays. Checks the
/// candidates of a description (RFC 8445 6.1.4), nominates the first that answers, and then renews consent (RFC 7675).
/// Never answers checks, since a lite peer sends none.
class ControllingAgent final : public Agent {
public:
    /// `random` must outlive the agent.
    ControllingAgent(IceCredentials local, Random& random);

    /// At most `kMaxPairs` candidates are tried.
    void set_remote(Timestamp now, const IceCredentials& remote, std::span<const Candidate> candidates) override;
    void handle_message(Timestamp now, const NetAddress& from, Bytes datagram, Outbox& out) override;
    void handle_timeout(Timestamp now, Outbox& out) override;
    Timestamp next_timeout() const override;
    void restart(IceCredentials local) override;
    std::vector<std::string> local_ufrags() const override { return {local_.ufrag}; }
    const NetAddress* selected() const override;
    bool validated(const NetAddress& from) const override;
    const Counters& counters() const override { return counters_; }

private:
    enum class Timer : uint8_t {
        Pace,     // begin with the next candidate
        Consent,  // ask the selected address again
        Silence,  // no answer for 30 s
        kCount,
    };
    enum class Progress : uint8_t { Waiting, Checking, Nominating, Nominated, Failed };
    struct Target {
        NetAddress address;
        Progress progress = Progress::Waiting;
        stun::TransactionId transaction{};
        int sent = 0;
        Timestamp again = kNever;
        bool answered = false;
    };

    void begin_check(Timestamp now, Target& target, Progress progress, Outbox& out);
    void send_again(Timestamp now, Target& target, Outbox& out);
    void send_check(const NetAddress& to, const stun::TransactionId& transaction, bool nominate, Outbox& out);
    void send_consent(Timestamp now, Outbox& out);
    void start_next(Timestamp now, Outbox& out);
    void fail(Timestamp now, Target& target, Outbox& out);
    void handle_answer(Timestamp now, Target& target, Outbox& out);
    void heard(Timestamp now, Outbox& out);
    void select(const NetAddress& remote, Outbox& out);
    Target* waiting_for(const stun::TransactionId& transaction);
    bool consents_to(const stun::TransactionId& transaction) const;

    Random& random_;
    uint64_t tie_breaker_;
    IceCredentials local_;
    std::string local_ufrag_in_use_;
    std::optional<Credentials> remote_;
    std::vector<Target> targets_;                    // by descending priority
    std::array<stun::TransactionId, 8> consents_{};  // the last few asked, since answers may overtake each other
    size_t consents_sent_ = 0;
    std::optional<NetAddress> selected_;
    bool nominated_ = false;
    bool silent_ = false;
    Timers<Timer> timers_;
    Counters counters_;
};

}  // namespace crosspoint::rtc::ice
