#include "chains/wire_size.h"

namespace crosspoint::chains {
namespace {

size_t wire_size(const CallView& call) {
    size_t size = 400;
    for (const ParticipantView& p : call.participants) size += 240 + 100 * p.connections.size();
    return size;
}
size_t wire_size(const CallRecord& record) { return 300 + 140 * record.participants.size(); }
size_t wire_size(const TextAdded& item) { return wire_size(item.view); }
size_t wire_size(const TextEdited& item) { return wire_size(item.view); }
size_t wire_size(const TextRemoved&) { return 160; }
size_t wire_size(const CallOver& item) { return wire_size(item.record); }
size_t wire_size(const CallMissed& item) { return wire_size(item.record); }
size_t wire_size(const CallMessage& message) {
    if (const auto* init = std::get_if<CallInit>(&message.news)) return wire_size(init->call);
    if (const auto* state = std::get_if<CallStateIs>(&message.news)) return wire_size(state->call);
    if (const auto* invited = std::get_if<CallInvited>(&message.news)) return 200 + 240 * invited->participants.size();
    return std::holds_alternative<CallMedia>(message.news) ? 800 : 240;
}
size_t wire_size(const LogNews& news) {
    return std::visit([](const auto& item) { return wire_size(item); }, news.item);
}
size_t wire_size(const ReplyTo& reply) {
    size_t size = 160;
    if (const auto* page = std::get_if<HistoryPage>(&reply.result))
        for (const auto& message : page->messages)
            size += std::visit([](const auto& m) { return wire_size(m); }, message);
    if (const auto* page = std::get_if<ChainPage>(&reply.result)) size += 100 * page->chains.size();
    if (const auto* list = std::get_if<ProfileList>(&reply.result)) size += 400 * list->profiles.size();
    return size;
}
size_t wire_size(const CustomNews& news) { return 200 + news.content.size(); }
size_t wire_size(const ProfileChanged&) { return 400; }
size_t wire_size(const ConnectionCount&) { return 100; }
size_t wire_size(const AuthExpiring&) { return 100; }
size_t wire_size(const SyncDone&) { return 100; }

}  // namespace

size_t wire_size(const TextView& view) { return 400 + view.text.text.size() + 40 * view.text.receivers.size(); }
size_t wire_size(const CallInHistory& call) { return wire_size(call.record); }

size_t wire_size(const ServerMessage& message) {
    return std::visit([](const auto& m) { return wire_size(m); }, message);
}

}  // namespace crosspoint::chains
