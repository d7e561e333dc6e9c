#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace crosspoint::rtc::sctp {

/// Why an ERROR or ABORT was sent, RFC 9260 3.3.10.
enum class CauseCode : uint16_t {
    None = 0,  // not on the wire: the chunk named no cause
    InvalidStream = 1,
    MissingParameter = 2,
    OutOfResource = 4,
    UnrecognizedChunk = 6,
    InvalidParameter = 7,
    NoUserData = 9,
    UserInitiatedAbort = 12,
    ProtocolViolation = 13,
};

/// The body of an ERROR or ABORT chunk with one cause.
Buffer make_cause(CauseCode code, Bytes information = {});
/// The first cause of an ERROR or ABORT; `None` when it names none.
CauseCode first_cause(Bytes chunk_body);

}  // namespace crosspoint::rtc::sctp
