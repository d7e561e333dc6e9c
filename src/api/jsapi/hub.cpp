#include "api/jsapi/hub.h"

#include <algorithm>

#include "api/jsapi/stored.h"

// Mail between the actors of this node, and their coming and going (jsapi 16).
namespace crosspoint::api::jsapi {
namespace {

using chains::ChainId;
using chains::ConnectionId;
using chains::UserId;

// The next text of a conversation mostly comes soon, and its chain and those who are offline are not read again for it:
// idle owners of chains and of users are kept for so long, and not more than so many.
constexpr Duration kLinger = 60s;
constexpr size_t kMostIdle = 20'000;

/// A chain that begins with this message cannot be in the store yet.
bool begins_chain(const chains::ChainMessage& message) {
    if (const auto* open = std::get_if<chains::OpenCall>(&message)) return !open->in_chain;
    if (const auto* post = std::get_if<chains::PostText>(&message)) return !post->in_chain;
    return false;
}

bool is_telephone(const UserId& user) { return chains::is_telephone(chains::ProfileId(user.value)); }

void log(const Hub::Turn& turn, std::string message, std::string_view key, std::string_view id) {
    turn.out.outputs.emplace_back(LogEntry{std::move(message), {{std::string(key), std::string(id)}}});
}

}  // namespace

Hub::Hub(sessions::Directory& directory, chains::Settings settings, DoorwayLimits doorway,
         const std::vector<AccountId>& apps, Random& random)
    : directory_(directory), settings_(settings), random_(random), seating_(directory), doorway_(doorway) {
    for (const AccountId& app : apps) apps_[app];
}

// ---- what actors put out ----

void Hub::collect(const Turn& turn, chains::ConnectionEffects& effects) {
    for (Statement& statement : effects.statements) turn.out.statements.push_back(std::move(statement));
    for (chains::ConnectionSend& send : effects.sends) {
        if (auto* text = std::get_if<chains::ToSocket>(&send))
            say(turn, *text);
        else if (auto* gone = std::get_if<chains::CloseTransport>(&send))
            close(turn, gone->socket, gone->code);
        else if (auto* user = std::get_if<chains::ToUser>(&send))
            mail_.emplace_back(std::move(*user));
        else if (auto* chain = std::get_if<chains::ToChain>(&send))
            mail_.emplace_back(std::move(*chain));
        else
            mail_.emplace_back(std::move(std::get<chains::ReadRows>(send)));
    }
}

void Hub::collect(const Turn& turn, chains::Effects& effects) {
    for (Statement& statement : effects.statements) turn.out.statements.push_back(std::move(statement));
    for (chains::Send& send : effects.sends) std::visit([&](auto& one) { mail_.emplace_back(std::move(one)); }, send);
}

// ---- mail ----

void Hub::drain(const Turn& turn) {
    while (!mail_.empty()) {
        Mail mail = std::move(mail_.front());
        mail_.pop_front();
        std::visit([&](auto& one) { deliver(turn, one); }, mail);
    }
    unload_idle(turn.now);
}

void Hub::deliver(const Turn& turn, chains::ToConnection& mail) {
    const auto connection = connections_.find(mail.to);
    if (connection == connections_.end()) return;  // gone meanwhile, as its user owner will hear
    run(turn, connection->second,
        [&](chains::ConnectionEffects& effects) { connection->second.handle(mail.message, turn.now, effects); });
}

void Hub::deliver(const Turn& turn, chains::ToUser& mail) {
    if (is_telephone(mail.to)) return answer_for_phone(mail);
    if (!users_.contains(mail.to)) return;
    UserSlot& slot = user_slot(turn, mail.to);
    if (!slot.owner) {
        if (const auto* news = std::get_if<chains::TextNews>(&mail.message)) {
            turn.out.statements.push_back(chains::insert_waiting_news(mail.to, slot.waiting.size(), *news));
            slot.news_wait = true;
        }
        slot.waiting.emplace_back(std::move(mail.message));
        return;
    }
    run(turn, *slot.owner, [&](chains::Effects& effects) { slot.owner->handle(mail.message, turn.now, effects); });
}

/// A number has no connection as long as no adapter plays one (PST-2), so it becomes unreachable like anybody offline.
void Hub::answer_for_phone(const chains::ToUser& mail) {
    const auto* offer = std::get_if<chains::Offer>(&mail.message);
    if (!offer) return;
    mail_.emplace_back(chains::ToChain{
        offer->ref.chain,
        chains::OfferAnswer{.call = offer->ref.call, .profile = offer->to.profile, .invitation = offer->invitation}});
}

void Hub::deliver(const Turn& turn, chains::ToChain& mail) {
    const auto [found, is_new] = chain_slots_.try_emplace(mail.to);
    ChainSlot& slot = found->second;
    if (is_new) {
        if (begins_chain(mail.message))
            slot.owner.emplace(mail.to, settings_);
        else
            query(turn, LoadChain{mail.to}, chain_selects(mail.to));
    }
    if (!slot.owner) {
        slot.waiting.push_back(std::move(mail.message));
        return;
    }
    run(turn, *slot.owner, [&](chains::Effects& effects) { slot.owner->handle(mail.message, turn.now, effects); });
}

void Hub::deliver(const Turn& turn, chains::ToMedia& mail) {
    const chains::CallRef ref = std::visit([](const auto& one) { return one.ref; }, mail.message);
    const auto app = app_of(ref);
    if (!app) return;  // of an account that is configured no more
    seat(turn, [&](const Seating::Turn& seats) { seating_.handle(mail.message, *app, seats); });
}

void Hub::deliver(const Turn&, chains::Wake& mail) {
    const auto owner = owner_of(mail.to);
    if (const auto app = owner ? app_of(*owner) : std::nullopt) wake_ups_.push_back({*app, std::move(mail)});
}

void Hub::deliver(const Turn& turn, chains::ReadRows& mail) {
    query(turn, Reading{std::move(mail.reader), mail.query}, std::move(mail.selects));
}

template <class Work>
void Hub::seat(const Turn& turn, Work work) {
    std::vector<chains::ToChain> answers;
    work(Seating::Turn{turn.now, turn.changes, answers});
    for (chains::ToChain& answer : answers) mail_.emplace_back(std::move(answer));
}

void Hub::unload_idle(Now now) {
    for (const ConnectionId& id : connection_watch_.touched) {
        const auto connection = connections_.find(id);
        if (connection == connections_.end() || !connection->second.gone()) continue;
        connection_watch_.deadlines.remove(id);
        connections_.erase(connection);
    }
    for (const UserId& id : user_watch_.touched) {
        const auto slot = user_slots_.find(id);
        const bool idle = slot != user_slots_.end() && slot->second.owner && slot->second.owner->idle(now.mono);
        idle_users_.set(id, idle ? now.mono + kLinger : kNever);
    }
    for (const ChainId& id : chain_watch_.touched) {
        const auto slot = chain_slots_.find(id);
        const auto* owner = slot != chain_slots_.end() && slot->second.owner ? &*slot->second.owner : nullptr;
        // Whoever asks for what does not exist shall not fill the memory. The answer takes longer than for a chain that
        // is in memory (SEC-2), but ids have 83 random bits, so that nobody can look for those of others.
        if (owner && owner->unknown())
            unload_chain(id);
        else
            idle_chains_.set(id, owner && owner->idle() ? now.mono + kLinger : kNever);
    }
    while (idle_users_.size() > kMostIdle) unload_user(*idle_users_.pop_due(idle_users_.next()));
    while (idle_chains_.size() > kMostIdle) unload_chain(*idle_chains_.pop_due(idle_chains_.next()));
    connection_watch_.touched.clear();
    user_watch_.touched.clear();
    chain_watch_.touched.clear();
}

void Hub::unload_user(const UserId& user) {
    user_watch_.deadlines.remove(user);
    user_slots_.erase(user);
}

void Hub::unload_chain(const ChainId& chain) {
    chain_watch_.deadlines.remove(chain);
    chain_slots_.erase(chain);
}

// ---- loading ----

void Hub::query(const Turn& turn, Query what, std::vector<Statement> selects) {
    const QueryId id{++last_query_};
    queries_.emplace(id, std::move(what));
    turn.out.outputs.emplace_back(QueryRows{id, std::move(selects)});
}

Hub::UserSlot& Hub::user_slot(const Turn& turn, const UserId& user) {
    const auto [found, is_new] = user_slots_.try_emplace(user);
    if (is_new) query(turn, LoadUser{user}, user_selects(user, turn.now.wall + -settings_.idempotency));
    return found->second;
}

void Hub::rows_ready(const Turn& turn, const RowsReady& ready) {
    auto node = queries_.extract(ready.query);
    if (node.empty()) return;
    if (const auto* load = std::get_if<LoadUser>(&node.mapped())) {
        auto stored = stored_user(ready.rows);
        stored.connections.clear();  // whoever is there already has come since it was asked for, and says so itself
        user_loaded(turn, load->user, stored);
    } else if (const auto* chain = std::get_if<LoadChain>(&node.mapped())) {
        chain_loaded(turn, chain->chain, stored_chain(ready.rows));
    } else {
        const auto& reading = std::get<Reading>(node.mapped());
        const chains::RowsRead read{reading.query, ready.rows};
        if (const auto* chain_id = std::get_if<ChainId>(&reading.reader))
            mail_.emplace_back(chains::ToChain{*chain_id, read});
        else if (const auto* user = std::get_if<UserId>(&reading.reader))
            mail_.emplace_back(chains::ToUser{*user, read});
        else
            mail_.emplace_back(chains::ToConnection{std::get<ConnectionId>(reading.reader), read});
    }
    drain(turn);
}

void Hub::user_loaded(const Turn& turn, const UserId& user, const chains::StoredUser& stored) {
    UserSlot& slot = user_slots_.at(user);
    slot.owner.emplace(user, settings_, apps_.at(users_.at(user)));
    run(turn, *slot.owner, [&](chains::Effects& effects) {
        if (!slot.owner->restore(stored, turn.now, effects)) log(turn, "a stored user is damaged", "user", user.value);
    });
    for (auto& waiting : std::exchange(slot.waiting, {})) {
        if (auto* message = std::get_if<chains::UserMessage>(&waiting))
            run(turn, *slot.owner, [&](chains::Effects& effects) { slot.owner->handle(*message, turn.now, effects); });
        else
            std::get<ReadUser>(waiting)(slot.owner->state(), turn.out);
    }
    if (std::exchange(slot.news_wait, false)) turn.out.statements.push_back(chains::erase_waiting_news(user));
}

void Hub::chain_loaded(const Turn& turn, const ChainId& chain, const chains::StoredChain& stored) {
    ChainSlot& slot = chain_slots_.at(chain);
    slot.owner.emplace(chain, settings_);
    run(turn, *slot.owner, [&](chains::Effects& effects) {
        if (!slot.owner->restore(stored, turn.now, effects))
            log(turn, "a stored chain is damaged", "chain", chain.value);
    });
    for (const chains::ChainMessage& message : std::exchange(slot.waiting, {}))
        run(turn, *slot.owner, [&](chains::Effects& effects) { slot.owner->handle(message, turn.now, effects); });
}

void Hub::deliver_waiting(const Turn& turn, const Row& row) {
    const UserId user(row.text(0));
    if (!user_slots_.contains(user)) return;  // of an account that is configured no more
    if (auto news = chains::waiting_news_from(row))
        mail_.emplace_back(chains::ToUser{user, std::move(*news)});
    else
        log(turn, "stored news of a text are damaged", "user", user.value);
    turn.out.statements.push_back(chains::erase_waiting_news(user));
}

void Hub::restore(const Turn& turn, const StoredPeople& stored) {
    for (const auto& [user, app] : stored.users)
        if (apps_.contains(app)) users_[user] = app;
    for (const Row& row : stored.profiles) {
        const UserId owner(row.text(1));
        if (const auto app = app_of(owner)) apps_.at(*app).add(chains::ProfileId(row.text(0)), owner);
    }
    seating_.restore(stored.call_sessions, stored.call_seats);
    // Chains first: users send again what may not have arrived (chains/user_owner.h).
    for (const auto& [chain, rows] : stored.chains) {
        chain_slots_[chain];
        chain_loaded(turn, chain, rows);
    }
    for (const Row& row : stored.connections) {
        const UserId user(row.text(1));
        const auto app = app_of(user);
        if (!app) continue;  // of an account that is configured no more
        auto connection = chains::Connection::restored(row, settings_, apps_.at(*app), turn.now);
        const ConnectionId id = connection.state().id;
        connection_watch_.deadlines.set(id, connection.next_timeout());
        connections_.emplace(id, std::move(connection));
    }
    for (const auto& [user, rows] : stored.busy_users) {
        if (!users_.contains(user)) continue;
        user_slots_[user];
        user_loaded(turn, user, rows);
    }
    for (const Row& row : stored.waiting_news) deliver_waiting(turn, row);
    drain(turn);
    seat(turn, [&](const Seating::Turn& seats) { seating_.tell_what_is_lost(seats); });
    drain(turn);
}

// ---- time and news from outside ----

void Hub::handle_timeout(const Turn& turn) {
    while (const auto socket = hello_deadlines_.pop_due(turn.now.mono)) {
        ++sockets_refused_;
        close(turn, *socket, chains::CloseCode::Protocol);
    }
    while (const auto id = connection_watch_.deadlines.pop_due(turn.now.mono)) {
        auto& connection = connections_.at(*id);
        run(turn, connection, [&](auto& effects) { connection.handle_timeout(turn.now, effects); });
    }
    while (const auto id = user_watch_.deadlines.pop_due(turn.now.mono)) {
        auto& owner = *user_slots_.at(*id).owner;
        run(turn, owner, [&](auto& effects) { owner.handle_timeout(turn.now, effects); });
    }
    while (const auto id = chain_watch_.deadlines.pop_due(turn.now.mono)) {
        auto& owner = *chain_slots_.at(*id).owner;
        run(turn, owner, [&](auto& effects) { owner.handle_timeout(turn.now, effects); });
    }
    while (const auto id = idle_users_.pop_due(turn.now.mono)) unload_user(*id);
    while (const auto id = idle_chains_.pop_due(turn.now.mono)) unload_chain(*id);
    drain(turn);
}

Timestamp Hub::next_timeout() const {
    return std::min({hello_deadlines_.next(), connection_watch_.deadlines.next(), user_watch_.deadlines.next(),
                     chain_watch_.deadlines.next(), idle_users_.next(), idle_chains_.next()});
}

void Hub::media_changed(const Turn& turn, const device::MediaChanged& change) {
    if (!seating_.has(change.participant)) return;
    seat(turn, [&](const Seating::Turn& seats) { seating_.media_changed(change, seats); });
    drain(turn);
}

void Hub::participant_ended(const Turn& turn, const ParticipantId& participant) {
    if (!seating_.has(participant)) return;
    seat(turn, [&](const Seating::Turn& seats) { seating_.participant_ended(participant, seats); });
    drain(turn);
}

void Hub::session_ended(const Turn& turn, const SessionId& session) {
    seat(turn, [&](const Seating::Turn& seats) { seating_.session_ended(session, seats); });
    drain(turn);
}

std::optional<AccountId> Hub::app_of(const UserId& user) const {
    const auto app = users_.find(user);
    return app == users_.end() ? std::nullopt : std::optional(app->second);
}

std::optional<AccountId> Hub::app_of(const chains::CallRef& ref) const {
    const auto slot = chain_slots_.find(ref.chain);
    const auto* call = slot == chain_slots_.end() || !slot->second.owner ? nullptr : slot->second.owner->find(ref.call);
    if (!call) return std::nullopt;
    for (const chains::Participant& participant : call->participants)
        if (const auto app = app_of(participant.who.user)) return app;
    return std::nullopt;
}

HubCounts Hub::counts() const {
    return {.sockets = sockets_.size(),
            .connections = connections_.size(),
            .users = user_slots_.size() - idle_users_.size(),
            .chains = chain_slots_.size() - idle_chains_.size(),
            .seats = seating_.seats(),
            .waiting = doorway_.size(),
            .sockets_refused = sockets_refused_,
            .sockets_turned_away = sockets_turned_away_};
}

std::string Hub::canonical(Now now) const {
    std::map<std::string, std::string> states;
    for (const auto& [user, slot] : user_slots_)
        if (slot.owner && !slot.owner->idle(now.mono))
            states["user " + user.value] = slot.owner->canonical(now, chains::Counters::LeftOutAndRepetitions);
    for (const auto& [chain, slot] : chain_slots_)
        if (slot.owner && !slot.owner->idle())
            states["chain " + chain.value] = slot.owner->canonical(now, chains::Counters::LeftOutAndRepetitions);
    std::string all;
    for (const auto& [actor, state] : states) all += actor + ": " + state + "\n";
    return all;
}

}  // namespace crosspoint::api::jsapi
