#include <algorithm>

#include "chains/history.h"
#include "chains/local_ids.h"
#include "chains/server_id.h"
#include "chains/user_owner.h"

// Texts, the user log and history (jsapi 5, 6).
namespace crosspoint::chains {
namespace {

constexpr int64_t kDay = 86'400;
// A chain owner reads who has a text within a moment of changing it.
constexpr size_t kNewSeats = 100;

int64_t day_of(WallTime time) { return time.unix_seconds() / kDay; }

}  // namespace

void UserOwner::run(const UserRequest& request, const AddText& add, Now now, Effects& out) {
    const auto pending = std::ranges::find(state_.texts, add.local_id, &OutgoingText::local_id);
    const Waiter waiter{request.connection, request.request};
    if (pending != state_.texts.end()) {
        if (pending->digest != digest_of(add)) return answer(waiter, Refused{.why = Refusal::Conflict}, out);
        pending->waiters.push_back(waiter);
        return;
    }
    if (is_used(add.local_id)) return read(request, {select_key(state_.id, add.local_id)}, out);
    add_text(request, add, now, out);
}

void UserOwner::take_rows(const UserRequest& request, const AddText& add, const RowsRead& rows, Now now, Effects& out) {
    if (!answer_from_key(request, digest_of(add), rows.rows.at(0), out)) add_text(request, add, now, out);
}

void UserOwner::add_text(const UserRequest& request, const AddText& add, Now now, Effects& out) {
    const Waiter waiter{request.connection, request.request};
    if (const auto refused = why_not_add(request, add, now)) return answer(waiter, *refused, out);
    PostText post{.sender = {add.sender, state_.id, ProfileKind::User},
                  .connection = request.connection,
                  .request = request.request,
                  .local_id = add.local_id,
                  .text = add.text,
                  .in_chain = add.chain.has_value()};
    if (const auto refused = resolve(add.receivers, post.receivers)) return answer(waiter, *refused, out);
    if (std::ranges::any_of(post.receivers, [](const Party& p) { return p.kind == ProfileKind::Phone; }))
        return answer(waiter, Refused{.why = Refusal::Unsupported}, out);  // PST-5
    post.id = MessageId(add.chain ? message_id_in(*add.chain, add.fresh_id) : add.fresh_id);
    state_.texts.push_back({post.id, add.local_id, digest_of(add), {waiter}});
    const ChainId chain = chain_of(post.id.value);
    out.sends.push_back(ToChain{chain, std::move(post)});
}

std::optional<Refused> UserOwner::writes_too_fast(Now now) {
    if (texts_rate_.take(now.mono)) return std::nullopt;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(texts_rate_.next() - now.mono);
    return Refused{.why = Refusal::RateLimited, .retry_after = wait};
}

std::optional<Refused> UserOwner::why_not_add(const UserRequest& request, const AddText& add, Now now) {
    if (const auto refused = writes_too_fast(now)) return refused;
    if (add.local_id.empty()) return Refused{.why = Refusal::BadArgument, .field = "localId"};
    if (add.receivers.empty()) return Refused{.why = Refusal::BadArgument, .field = "receivers"};
    if (add.receivers.size() > settings_->receivers_per_message) return Refused{.why = Refusal::TooMany};
    if (add.text.size() > settings_->text_bytes) return Refused{.why = Refusal::TooLarge};
    if (!may_use(request, add.sender)) return Refused{.why = Refusal::ForbiddenProfile};
    return std::nullopt;
}

void UserOwner::run(const UserRequest& request, const EditText& edit, Now now, Effects& out) {
    const Waiter waiter{request.connection, request.request};
    if (const auto refused = writes_too_fast(now)) return answer(waiter, *refused, out);
    if (edit.text.size() > settings_->text_bytes) return answer(waiter, Refused{.why = Refusal::TooLarge}, out);
    change_text(request, edit.id, edit.text, out);
}

void UserOwner::run(const UserRequest& request, const RemoveText& remove, Now, Effects& out) {
    change_text(request, remove.id, std::nullopt, out);
}

// The text's chain decides; its requests come by one way, so that they stay in order (SEQ-3).
void UserOwner::change_text(const UserRequest& request, const MessageId& id, std::optional<std::string> text,
                            Effects& out) {
    out.sends.push_back(ToChain{chain_of(id.value), ChangeText{id, state_.id, request.connection, request.request,
                                                               std::move(text), request.profiles}});
}

void UserOwner::on(const TextNews& news, Now now, Effects& out) {
    const bool sent_it = news.sender == state_.id;
    const bool added = news.what == TextNews::What::Added;
    std::vector<ProfileId> seats;
    for (const ProfileId& id : news.profiles) {
        const Profile* own = profile(id);
        if (sent_it || !added || (own && !refuses(news.text.sender, *own))) seats.push_back(id);
    }
    for (const ProfileId& id : news.unsure)
        if (std::ranges::find(state_.new_seats, NewSeat{news.text.id, id}) != state_.new_seats.end())
            seats.push_back(id);
    if (seats.empty()) return;  // TXT-1
    if (added) {
        for (const ProfileId& id : seats) {
            out.statements.push_back(insert_seat(news.text.id, id));
            out.statements.push_back(touch_chain_list(id, news.text.chain, now.wall));
            state_.new_seats.push_back({news.text.id, id});
        }
        auto& fresh = state_.new_seats;
        if (fresh.size() > kNewSeats) fresh.erase(fresh.begin(), fresh.end() - kNewSeats);
    }
    TextView view{news.text, seats.front()};
    if (!sent_it) view.text.local_id.clear();
    switch (news.what) {
        case TextNews::What::Added: log(TextAdded{std::move(view)}, now, out); break;
        case TextNews::What::Edited: log(TextEdited{std::move(view)}, now, out); break;
        case TextNews::What::Removed:
            // What this log got of it since the chain owner emptied all.
            out.statements.push_back(erase_text_from_log(state_.id, news.text.id));
            log(TextRemoved{news.text.id, news.text.chain, news.text.version, seats.front()}, now, out);
            break;
    }
    if (news.request) answer_text(news, now, out);
}

// SEQ-6: after the fan-out.
void UserOwner::answer_text(const TextNews& news, Now now, Effects& out) {
    const TextStored result{news.text.id, news.text.chain, news.text.pos, news.text.version, news.text.ts};
    const auto asked = std::ranges::find(state_.texts, news.text.id, &OutgoingText::id);
    if (asked == state_.texts.end()) return answer({news.asked_by, *news.request}, result, out);
    for (const Waiter& waiter : asked->waiters) answer(waiter, result, out);
    keep_key(asked->local_id, {asked->digest, result}, now, out);
    state_.texts.erase(asked);
}

void UserOwner::on(const TextRefused& refused, Now, Effects& out) {
    const auto asked = std::ranges::find(state_.texts, refused.id, &OutgoingText::id);
    if (asked == state_.texts.end()) return;
    for (const Waiter& waiter : asked->waiters) answer(waiter, refused.why, out);
    state_.texts.erase(asked);
}

void UserOwner::run(const UserRequest& request, const SendCustom& custom, Now now, Effects& out) {
    const Waiter waiter{request.connection, request.request};
    if (custom.content.size() > settings_->custom_bytes) return answer(waiter, Refused{.why = Refusal::TooLarge}, out);
    if (custom.to.size() > settings_->receivers_per_message)
        return answer(waiter, Refused{.why = Refusal::TooMany}, out);
    if (!may_use(request, custom.from)) return answer(waiter, Refused{.why = Refusal::ForbiddenProfile}, out);
    std::vector<Party> parties;
    if (const auto refused = resolve(custom.to, parties)) return answer(waiter, *refused, out);
    for (const Party& party : parties)
        if (party.kind == ProfileKind::User)
            out.sends.push_back(ToUser{party.user, CustomFor{{custom.from, party.profile, custom.content, now.wall}}});
    answer(waiter, std::monostate{}, out);
}

void UserOwner::on(const CustomFor& custom, Now, Effects& out) {
    const Profile* own = profile(custom.news.receiver);
    if (own && !refuses(custom.news.from, *own)) tell_connections(custom.news, out);
}

// ---- the log (6.3) ----

void UserOwner::log(LogItem item, Now now, Effects& out) {
    prune(now, out);
    const int64_t today = day_of(now.wall);
    if (state_.log_days.empty() || state_.log_days.back().day < today)
        state_.log_days.push_back({today, state_.log_head});
    const uint64_t useq = ++state_.log_head;
    changed_ = true;
    out.statements.push_back(insert_log(state_.id, useq, item, now.wall));
    tell_connections(LogNews{useq, std::move(item)}, out);
}

/// Once a day: what is too old to be kept.
void UserOwner::prune(Now now, Effects& out) {
    const int64_t today = day_of(now.wall);
    if (state_.pruned_day == today) return;
    state_.pruned_day = today;
    changed_ = true;
    const int64_t oldest = today - std::chrono::duration_cast<std::chrono::seconds>(settings_->log_kept).count() / kDay;
    const uint64_t floor = state_.log_floor;
    while (!state_.log_days.empty() && state_.log_days.front().day < oldest) {
        state_.log_days.erase(state_.log_days.begin());
        state_.log_floor = state_.log_days.empty() ? state_.log_head : state_.log_days.front().head;
    }
    if (state_.log_floor != floor) out.statements.push_back(erase_log(state_.id, state_.log_floor));
    const WallTime keys{now.wall.unix_milliseconds - settings_->idempotency.count()};
    forget_local_ids(state_.local_ids, keys.unix_seconds() / 3600);
    out.statements.push_back(erase_keys(state_.id, keys));
}

// ---- history (6.2) ----

void UserOwner::run(const UserRequest& request, const ReadHistory& wanted, Now, Effects& out) {
    const Waiter waiter{request.connection, request.request};
    if (!may_use(request, wanted.profile)) return answer(waiter, Refused{.why = Refusal::ForbiddenProfile}, out);
    if (wanted.limit == 0 || wanted.limit > settings_->history_page)
        return answer(waiter, Refused{.why = Refusal::BadArgument, .field = "limit"}, out);
    read(request, select_history(wanted.profile, wanted.chain, wanted.before, wanted.limit), out);
}

void UserOwner::take_rows(const UserRequest& request, const ReadHistory& wanted, const RowsRead& rows, Now,
                          Effects& out) {
    auto page =
        history_from(rows.rows, wanted.profile, state_.id, wanted.chain, wanted.limit, settings_->history_bytes);
    const Waiter waiter{request.connection, request.request};
    // CHN-3: a chain that one sees nothing of is one that does not exist.
    if (page.messages.empty() && !wanted.before) return answer(waiter, Refused{.why = Refusal::NotFound}, out);
    answer(waiter, std::move(page), out);
}

void UserOwner::run(const UserRequest& request, const ListChains& list, Now, Effects& out) {
    const Waiter waiter{request.connection, request.request};
    if (!may_use(request, list.profile)) return answer(waiter, Refused{.why = Refusal::ForbiddenProfile}, out);
    if (list.limit == 0 || list.limit > settings_->history_page)
        return answer(waiter, Refused{.why = Refusal::BadArgument, .field = "limit"}, out);
    auto select = select_chain_list(list.profile, list.before, list.limit);
    if (!select) return answer(waiter, Refused{.why = Refusal::BadArgument, .field = "before"}, out);
    read(request, {std::move(*select)}, out);
}

void UserOwner::take_rows(const UserRequest& request, const ListChains& list, const RowsRead& rows, Now, Effects& out) {
    answer({request.connection, request.request}, chain_page_from(rows.rows.at(0), list.limit), out);
}

}  // namespace crosspoint::chains
