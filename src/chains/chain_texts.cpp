#include "chains/chain_texts.h"

#include <algorithm>
#include <set>

#include "chains/chain_owner.h"

namespace crosspoint::chains {
namespace {

/// Once for every user: the sender's first, whose answer to its client is not to wait for others. Who has no seat may
/// still be about to take the text, or have refused it (TXT-1).
void tell_users(TextNews news, const StoredText& stored, const std::vector<ProfileId>* seats, Effects& out) {
    const auto sees = [&](const ProfileId& profile) {
        return !seats || std::ranges::find(*seats, profile) != seats->end();
    };
    struct Told {
        UserId user;
        std::vector<ProfileId> profiles;
        std::vector<ProfileId> unsure;
    };
    std::vector<Told> users{{stored.sender, {stored.text.sender}, {}}};
    for (const Party& party : stored.receivers) {
        auto known = std::ranges::find(users, party.user, &Told::user);
        if (known == users.end()) known = users.insert(users.end(), {party.user, {}, {}});
        (sees(party.profile) ? known->profiles : known->unsure).push_back(party.profile);
    }
    for (Told& told : users) {
        news.profiles = std::move(told.profiles);
        news.unsure = std::move(told.unsure);
        out.sends.push_back(ToUser{told.user, news});
        news.request.reset();
    }
}

void answer(const ChangeText& change, ReplyResult result, Effects& out) {
    out.sends.push_back(ToConnection{change.connection, Reply{change.request, std::move(result)}});
}

/// The change that `change` asks for, made; false when there is nothing to tell (TXT-3) or it is refused.
bool apply(const ChangeText& change, StoredText& stored, Effects& out) {
    Text& text = stored.text;
    const bool removes = !change.text;
    if (stored.sender != change.user || !allows(change.profiles, text.sender) || (text.removed && !removes)) {  // SEC-1
        answer(change, Refused{.why = Refusal::NotFound}, out);
        return false;
    }
    if (removes ? text.removed : text.text == *change.text) {
        answer(change, TextStored{text.id, text.chain, text.pos, text.version, text.ts}, out);
        return false;
    }
    text.text = change.text.value_or("");
    text.removed = removes;
    ++text.version;
    out.statements.push_back(update_text(text));
    if (removes) out.statements.push_back(erase_text_from_logs(text.id));
    return true;
}

}  // namespace

void ChainTexts::post(const PostText& post, ChainState& chain, Now now, Effects& out) {
    if (post.in_chain && !std::ranges::binary_search(chain.members, post.sender.profile)) {
        out.sends.push_back(ToUser{post.sender.user, TextRefused{post.id, Refused{.why = Refusal::NotFound}}});
        return;
    }
    StoredText stored;
    stored.sender = post.sender.user;
    stored.receivers = post.receivers;
    Text& text = stored.text;
    text.id = post.id;
    text.chain = chain.id;
    text.pos = ++chain.last_pos;
    text.sender = post.sender.profile;
    for (const Party& party : post.receivers) text.receivers.push_back(party.profile);
    text.connection = post.connection;
    text.local_id = post.local_id;
    text.text = post.text;
    text.ts = now.wall;
    out.statements.push_back(upsert_chain(chain.id, chain.last_call, chain.last_pos));
    out.statements.push_back(insert_text(stored));
    chain.take_member(post.sender.profile, out);
    for (const Party& party : post.receivers) chain.take_member(party.profile, out);
    tell_users({TextNews::What::Added, text, stored.sender, {}, {}, post.request, post.connection}, stored, nullptr,
               out);
}

void ChainTexts::change(const ChangeText& change, const ChainState& chain, Effects& out) {
    const auto known = std::ranges::find(work_, change.id, &TextWork::id);
    if (known != work_.end()) {
        known->waiting.push_back(change);
        return;
    }
    work_.push_back({change.id, ++last_query_, {change}});
    out.sends.push_back(ReadRows{chain.id, last_query_, {select_text(change.id), select_seats(change.id)}});
}

void ChainTexts::loaded(const RowsRead& read, Effects& out) {
    const auto found = std::ranges::find(work_, read.query, &TextWork::query);
    if (found == work_.end() || read.rows.size() != 2) return;
    const TextWork work = std::move(*found);
    work_.erase(found);
    std::optional<StoredText> stored;
    if (!read.rows[0].empty()) stored = text_from(read.rows[0].front());
    std::vector<ProfileId> seats;
    for (const Row& row : read.rows[1]) seats.emplace_back(row.text(0));
    for (const ChangeText& change : work.waiting) {
        if (!stored) {
            answer(change, Refused{.why = Refusal::NotFound}, out);
        } else if (apply(change, *stored, out)) {
            const auto what = stored->text.removed ? TextNews::What::Removed : TextNews::What::Edited;
            tell_users({what, stored->text, stored->sender, {}, {}, change.request, change.connection}, *stored, &seats,
                       out);
        }
    }
}

}  // namespace crosspoint::chains
