#include <algorithm>

#include "base/verify.h"
#include "chains/connection.h"
#include "chains/people_records.h"
#include "chains/wire_size.h"

// What goes out: in order, kept until it is acknowledged (jsapi 3), after a snapshot (CON-3).
namespace crosspoint::chains {
void Connection::acknowledge(uint64_t ack) {
    while (!state_.kept.empty() && state_.kept.front().seq <= ack) {
        state_.kept_bytes -= state_.kept.front().bytes;
        state_.kept.pop_front();
    }
}

void Connection::send(ServerFrame frame, ConnectionEffects& out) const {
    if (state_.socket) out.sends.push_back(ToSocket{*state_.socket, state_.received, std::move(frame)});
}

void Connection::say(ServerMessage message, Now now, ConnectionEffects& out) {
    if (gone() || state_.fresh_only) return;
    const size_t bytes = wire_size(message);
    const KeptMessage& kept = state_.kept.emplace_back(KeptMessage{++state_.sent, std::move(message), bytes, now.mono});
    state_.kept_bytes += bytes;
    send(ServerSays{kept.seq, kept.message}, out);
    if (state_.kept.size() > settings_->kept_messages || state_.kept_bytes > settings_->kept_bytes)
        drop_queue(now, out);
}

void Connection::say_in_turn(ServerMessage message, Now now, ConnectionEffects& out) {
    const bool later = state_.phase == ConnectionPhase::Opening || (state_.sync.running && !state_.sync.log_read);
    if (!later) return say(std::move(message), now, out);
    Synchronisation& sync = state_.sync;
    sync.held_bytes += wire_size(message);
    sync.held.push_back(std::move(message));
    if (sync.held.size() > settings_->kept_messages || sync.held_bytes > settings_->kept_bytes) drop_queue(now, out);
}

void Connection::send_welcome(bool resumed, bool fresh, Now now, ConnectionEffects& out) {
    std::vector<Profile> profiles;
    for (const Profile& profile : state_.profiles)
        if (state_.grant.allows(profile.id)) profiles.push_back(profile);
    const auto left = state_.grant.expires.unix_milliseconds - now.wall.unix_milliseconds;
    send(Welcome{.connection = state_.id,
                 .user = state_.user,
                 .profiles = std::move(profiles),
                 .resumed = resumed,
                 .fresh = fresh,
                 .recv = state_.received,
                 .resume_token = std::move(state_.token),
                 .expires_in = std::chrono::milliseconds(left),
                 .connections = state_.connections},
         out);
    state_.token.clear();
}

void Connection::on(const Welcomed& welcomed, Now now, ConnectionEffects& out) {
    if (welcomed.incarnation != state_.incarnation || state_.phase != ConnectionPhase::Opening) return;
    state_.phase = ConnectionPhase::Open;
    state_.profiles = welcomed.profiles;
    state_.connections = welcomed.connections;
    state_.useq = welcomed.log_after;
    state_.sync.running = true;
    state_.sync.truncated = welcomed.log_truncated;
    state_.sync.calls.insert(state_.sync.calls.end(), welcomed.calls.begin(), welcomed.calls.end());
    const bool again = state_.incarnation > 1;
    send_welcome(again, again, now, out);
    synchronise(now, out);
}

// CON-3: the log, then calls, then `sync.done`. The log is read page by page as the client takes it.
void Connection::synchronise(Now now, ConnectionEffects& out) {
    Synchronisation& sync = state_.sync;
    if (!sync.running || !state_.socket || sync.query != 0) return;
    if (!sync.log_read) {
        if (2 * state_.kept_bytes > settings_->kept_bytes || 2 * state_.kept.size() > settings_->kept_messages) return;
        sync.news.clear();  // they are in the store already
        sync.query = (state_.incarnation << 32) + ++state_.last_query;
        out.sends.push_back(
            ReadRows{state_.id, sync.query, {select_log(state_.user, state_.useq, settings_->log_page)}});
        return;
    }
    if (!sync.calls.empty()) return;
    sync.running = false;
    say(SyncDone{state_.useq, sync.truncated}, now, out);
    say(ConnectionCount{state_.connections}, now, out);  // CON-9: it has changed, or this client may not know it
}

void Connection::on(const RowsRead& read, Now now, ConnectionEffects& out) {
    Synchronisation& sync = state_.sync;
    if (sync.query == 0 || read.query != sync.query || read.rows.size() != 1) return;
    sync.query = 0;
    for (const Row& row : read.rows[0]) {
        const auto news = log_news_from(row);
        if (!SHOULD(news.has_value())) continue;
        say_log(*news, now, out);
    }
    if (read.rows[0].size() < settings_->log_page) {
        sync.log_read = true;
        for (const LogNews& news : std::exchange(sync.news, {})) say_log(news, now, out);
        sync.held_bytes = 0;
        for (ServerMessage& message : std::exchange(sync.held, {})) say(std::move(message), now, out);
    }
    synchronise(now, out);
}

void Connection::say_log(const LogNews& news, Now now, ConnectionEffects& out) {
    if (news.useq <= state_.useq) return;
    state_.useq = news.useq;
    const auto concerns = [&](const auto& item) {
        if constexpr (requires { item.view; }) return state_.grant.allows(item.view.receiver);
        if constexpr (requires { item.record; })
            return state_.grant.allows(item.record.from) ||
                   std::ranges::any_of(item.record.to, [&](const ProfileId& p) { return state_.grant.allows(p); });
        if constexpr (requires { item.receiver; }) return state_.grant.allows(item.receiver);
    };
    if (std::visit(concerns, news.item)) say(news, now, out);
}

void Connection::on(const LogNews& news, Now now, ConnectionEffects& out) {
    Synchronisation& sync = state_.sync;
    if (state_.phase == ConnectionPhase::Opening) return;  // it will be read
    if (sync.running && !sync.log_read) {
        if (sync.query != 0) sync.news.push_back(news);
        return;
    }
    // 6.3: whoever is attached has seen the call end.
    if (std::holds_alternative<CallOver>(news.item) && !sync.running) {
        state_.useq = std::max(state_.useq, news.useq);
        return;
    }
    say_log(news, now, out);
}

void Connection::on(const SnapshotTaken& taken, Now now, ConnectionEffects& out) {
    const auto awaited = std::ranges::find(state_.sync.calls, taken.call);
    if (awaited == state_.sync.calls.end()) return;
    state_.sync.calls.erase(awaited);
    if (state_.phase == ConnectionPhase::Open) synchronise(now, out);
}

void Connection::on(const ProfileChanged& changed, Now now, ConnectionEffects& out) {
    if (state_.phase == ConnectionPhase::Opening) return;  // the welcome that follows says it
    const auto known = std::ranges::find(state_.profiles, changed.profile.id, &Profile::id);
    if (known == state_.profiles.end()) {
        state_.profiles.push_back(changed.profile);
    } else {
        *known = changed.profile;
    }
    if (state_.grant.allows(changed.profile.id)) say_in_turn(changed, now, out);
}

void Connection::on(const ConnectionCount& count, Now now, ConnectionEffects& out) {
    if (state_.phase == ConnectionPhase::Opening) return;  // as above
    state_.connections = count.connections;
    if (!state_.sync.running) say(count, now, out);  // else it follows `sync.done`
}

// Neither stored nor replayed (5): only for whoever is attached now.
void Connection::on(const CustomNews& news, Now now, ConnectionEffects& out) {
    if (state_.socket && state_.grant.allows(news.receiver)) say_in_turn(news, now, out);
}

}  // namespace crosspoint::chains
