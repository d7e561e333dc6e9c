#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "chains/people.h"
#include "chains/values.h"

// What a client asks of its user and of chains, decoded (jsapi 4 to 8); what it asks of a call is a `CallCommand`.
namespace crosspoint::chains {

/// `call.init`. `fresh_id` is what `new_server_id` made for it: the call's id, should one be created.
struct OpenRequest {
    std::string fresh_id{};
    std::string local_id{};
    ProfileId from{};
    std::vector<ProfileId> to{};
    std::optional<ChainId> chain{};
    MediaKinds options{true, false};
    bool replace = false;
    bool hold_others = false;
    std::optional<std::chrono::milliseconds> ring_timeout{};
    bool operator==(const OpenRequest&) const = default;
};
/// `text.add_message`. `fresh_id` as in `OpenRequest`.
struct AddText {
    std::string fresh_id{};
    std::string local_id{};
    ProfileId sender{};
    std::vector<ProfileId> receivers{};
    std::optional<ChainId> chain{};
    std::string text{};
    bool operator==(const AddText&) const = default;
};
struct EditText {
    MessageId id{};
    std::string text{};
    bool operator==(const EditText&) const = default;
};
struct RemoveText {
    MessageId id{};
    bool operator==(const RemoveText&) const = default;
};
/// `custom.message`; `content` is opaque.
struct SendCustom {
    ProfileId from{};
    std::vector<ProfileId> to{};
    std::string content{};
    bool operator==(const SendCustom&) const = default;
};
struct ListProfiles {
    bool operator==(const ListProfiles&) const = default;
};
struct SetProfile {
    ProfileId profile{};
    std::optional<std::string> nickname{};
    std::optional<bool> dnd{};
    std::optional<BusyPolicy> busy_policy{};
    std::optional<CallPolicy> call_policy{};
    bool operator==(const SetProfile&) const = default;
};
/// `chain.history`; `before` is a position of the chain (`Text::pos`), nothing: from the end.
struct ReadHistory {
    ProfileId profile{};
    ChainId chain{};
    std::optional<uint64_t> before{};
    size_t limit = 50;
    bool operator==(const ReadHistory&) const = default;
};
/// `chain.list`; `before` as `ChainPage::next` gave it.
struct ListChains {
    ProfileId profile{};
    std::optional<std::string> before{};
    size_t limit = 50;
    bool operator==(const ListChains&) const = default;
};
/// Those that a user owner decides, or that have a rate of their user's.
using UserCommand = std::variant<OpenRequest, AddText, EditText, RemoveText, SendCustom, ListProfiles, SetProfile,
                                 ReadHistory, ListChains>;

}  // namespace crosspoint::chains
