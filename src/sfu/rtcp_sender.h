#pragma once
#include <span>

#include "rtc/rtcp/compound.h"
#include "sfu/outlet.h"

namespace crosspoint::sfu {

/// Sends the messages in order, as many in a datagram as fit into 1200 bytes. Those that begin without a report make
/// reduced-size RTCP (RFC 5506), which every browser negotiates.
void send_rtcp(std::span<const rtc::rtcp::Message> messages, Outlet& outlet, SendBatch& batch);

}  // namespace crosspoint::sfu
