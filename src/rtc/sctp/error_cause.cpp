#include "rtc/sctp/error_cause.h"

#include "rtc/sctp/parameter.h"

namespace crosspoint::rtc::sctp {

Buffer make_cause(CauseCode code, Bytes information) {
    Buffer cause(kParameterHeaderSize + information.size());  // alone, so its padding is the chunk's
    ByteWriter out(cause);
    out.u16(static_cast<uint16_t>(code));
    out.u16(static_cast<uint16_t>(cause.size()));
    out.bytes(information);
    return cause;
}

CauseCode first_cause(Bytes chunk_body) {
    ByteReader in(chunk_body);
    const auto cause = read_parameter(in, chunk_body);
    return cause ? CauseCode{cause->type} : CauseCode::None;
}

}  // namespace crosspoint::rtc::sctp
