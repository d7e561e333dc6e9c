#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/token_bucket.h"
#include "chains/messages.h"
#include "chains/people_records.h"
#include "chains/profile_book.h"
#include "chains/settings.h"
#include "chains/user_state.h"

namespace crosspoint::chains {

/// The one actor of a user (jsapi 16, OWN-2): its connections, profiles, idempotency keys and log, its calls as
/// far as others' calls depend on them. It decides nothing about a call but GLR-1, GLR-2 and GLR-7. A machine like
/// `ChainOwner`.
class UserOwner {
public:
    /// `settings` and `profiles` outlive every copy.
    UserOwner(UserId id, const Settings& settings, const ProfileBook& profiles);
    UserOwner(UserState state, const Settings& settings, const ProfileBook& profiles);

    /// What was there when the process ended; call once, before anything else, and after the chain owners' `restore`.
    /// Every connection is detached then, and calls that were on their way to their owner are sent again. False when a
    /// row is damaged.
    bool restore(const StoredUser& stored, Now now, Effects& out);

    void handle(const UserMessage& message, Now now, Effects& out);
    void handle_timeout(Now now, Effects& out);
    Timestamp next_timeout() const;

    const UserState& state() const { return state_; }
    /// No connection, no call, nothing on its way, and nothing that its rates would have to remember: the owner may be
    /// unloaded. Asked after every turn.
    bool idle(Timestamp now) const;
    std::string canonical(Now now, Counters counters) const;
    bool operator==(const UserOwner& other) const { return state_ == other.state_; }

private:
    void store(Now now, Effects& out);
    bool quiet() const;

    // connections and profiles
    void on(const ConnectionAttached& attached, Now now, Effects& out);
    void on(const ConnectionFared& fared, Now now, Effects& out);
    void on(const TokenRefreshed& refreshed, Now now, Effects& out);
    void on(const PutProfile& put, Now now, Effects& out);
    void on(const SetRelation& set, Now now, Effects& out);
    void on(const Revoke& revoke, Now now, Effects& out);
    void on(const Reinstate&, Now now, Effects& out);
    std::optional<Refused> why_not_attach(const ConnectionAttached& attached, Effects& out);
    void welcome(const ConnectionAttached& attached, Effects& out);
    void tell_count(Effects& out) const;
    void tell_calls(const KnownConnection& connection, ConnectionEvent event, bool media_anew, Effects& out) const;
    void tell_calls_between(const KnownConnection& with, const KnownConnection& without, ConnectionEvent event,
                            Effects& out) const;
    void tell_call(const CallRef& call, const ConnectionId& connection, ConnectionEvent event, bool media_anew,
                   Effects& out) const;
    template <class Visit>
    void each_call(Visit visit) const;
    void tell_connections(const ConnectionMessage& message, Effects& out) const;
    bool is_revoked(const std::string& token_id) const;
    KnownConnection* connection(const ConnectionId& id);
    std::vector<ConnectionFact> facts(const ProfileId& own) const;
    const Profile* profile(const ProfileId& id) const;
    void put(const Profile& profile, Effects& out);

    // requests
    void on(const UserRequest& request, Now now, Effects& out);
    void run(const UserRequest& request, const OpenRequest& open, Now now, Effects& out);
    void run(const UserRequest& request, const AddText& add, Now now, Effects& out);
    void run(const UserRequest& request, const EditText& edit, Now now, Effects& out);
    void run(const UserRequest& request, const RemoveText& remove, Now now, Effects& out);
    void run(const UserRequest& request, const SendCustom& custom, Now now, Effects& out);
    void run(const UserRequest& request, const ListProfiles&, Now now, Effects& out);
    void run(const UserRequest& request, const SetProfile& set, Now now, Effects& out);
    void run(const UserRequest& request, const ReadHistory& read, Now now, Effects& out);
    void run(const UserRequest& request, const ListChains& list, Now now, Effects& out);
    void answer(const Waiter& waiter, ReplyResult result, Effects& out) const;
    bool may_use(const UserRequest& request, const ProfileId& profile) const;
    /// Each once, and whose it is; `pstn` when telephone numbers are allowed.
    std::optional<Refused> resolve(const std::vector<ProfileId>& named, std::vector<Party>& parties) const;
    void read(const UserRequest& request, std::vector<Statement> selects, Effects& out);
    void on(const RowsRead& read, Now now, Effects& out);
    void take_rows(const UserRequest& request, const ReadHistory& read, const RowsRead& rows, Now, Effects& out);
    void take_rows(const UserRequest& request, const ListChains& list, const RowsRead& rows, Now, Effects& out);
    void take_rows(const UserRequest& request, const OpenRequest& open, const RowsRead& rows, Now, Effects& out);
    void take_rows(const UserRequest& request, const AddText& add, const RowsRead& rows, Now, Effects& out);
    void take_rows(const UserRequest&, const auto&, const RowsRead&, Now, Effects&) {}

    // idempotency (SEQ-7)
    bool is_used(const std::string& local_id) const;
    void keep_key(const std::string& local_id, const IdempotencyKey& key, Now now, Effects& out);
    /// True when `row` answers the request.
    bool answer_from_key(const UserRequest& request, const std::string& digest, const std::vector<Row>& rows,
                         Effects& out) const;

    // calls
    void open_call(const UserRequest& request, const OpenRequest& open, Now now, Effects& out);
    std::optional<Refused> why_not_open(const UserRequest& request, const OpenRequest& open, Now now);
    std::optional<Refused> why_not_call(const OpenRequest& open, const std::vector<Party>& to) const;
    std::optional<Refused> why_not_again(const OpenRequest& open, const ProfileId& to) const;
    void send_open(OutgoingCall& outgoing, Effects& out) const;
    OutgoingCall* outgoing(const CallId& call);
    KnownCall* known(const CallId& call);
    void forget(KnownCall& call, Now now);
    void on(const Offer& offer, Now now, Effects& out);
    void on(const CallStanding& standing, Now now, Effects& out);
    void on(const OpenRefused& refused, Now now, Effects& out);
    void on(const OpenMerged& merged, Now now, Effects& out);
    void on(const NotMerged& not_merged, Now now, Effects& out);
    void on(const CallRecord& record, Now now, Effects& out);
    bool refuses(const ProfileId& other, const Profile& own) const;
    bool is_busy(const Offer& offer) const;
    void confirm(const CallStanding& standing, Now now, Effects& out);
    void cross(const KnownCall& a, const KnownCall& b, Effects& out) const;
    void find_crossings(const KnownCall& call, Effects& out) const;

    // texts and the log
    void add_text(const UserRequest& request, const AddText& add, Now now, Effects& out);
    std::optional<Refused> why_not_add(const UserRequest& request, const AddText& add, Now now);
    std::optional<Refused> writes_too_fast(Now now);
    void change_text(const UserRequest& request, const MessageId& id, std::optional<std::string> text, Effects& out);
    void on(const TextNews& news, Now now, Effects& out);
    void on(const TextRefused& refused, Now now, Effects& out);
    void on(const CustomFor& custom, Now now, Effects& out);
    void answer_text(const TextNews& news, Now now, Effects& out);
    void log(LogItem item, Now now, Effects& out);
    void prune(Now now, Effects& out);

    const Settings* settings_;
    const ProfileBook* profiles_;
    UserState state_;
    bool changed_ = false;  // what is stored of the state
    std::vector<UserReading> readings_;
    uint64_t last_query_ = 0;
    TokenBucket calls_rate_;
    TokenBucket texts_rate_;
};

}  // namespace crosspoint::chains
