#pragma once
#include <string_view>

#include "chains/messages.h"

// The words that JSAPI has for what `chains/` counts (jsapi 7 to 9).
namespace crosspoint::api::jsapi {

std::string_view word(chains::ProfileKind kind);
std::string_view word(chains::BusyPolicy policy);
std::string_view word(chains::CallPolicy policy);
std::string_view word(chains::CallState state);
std::string_view word(chains::ParticipantState state);
std::string_view word(chains::LegState state);
std::string_view word(chains::Role role);
std::string_view word(chains::MediaState state);
std::string_view word(chains::EndReason reason);
/// The type of its message, "call." and all.
std::string_view word(chains::Notice notice);

}  // namespace crosspoint::api::jsapi
