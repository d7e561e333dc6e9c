#include "base/verify.h"
#include "rtc/rtcp/compound.h"

// Whatever can be read can be written, and then reads the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace crosspoint;
    using namespace crosspoint::rtc;
    if (size > 1500) return 0;
    const auto compound = rtcp::Compound::parse({data, size});
    if (!compound) return 0;
    static Buffer memory(1 << 18);
    ByteWriter out(memory);
    compound->write(out);
    VERIFY(out.done());
    if (compound->messages.empty()) return 0;
    const auto again = rtcp::Compound::parse(out.written());
    VERIFY(again && again->messages == compound->messages);
    return 0;
}
