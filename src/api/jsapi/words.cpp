#include "api/jsapi/words.h"

namespace crosspoint::api::jsapi {

std::string_view word(chains::ProfileKind kind) {
    switch (kind) {
        case chains::ProfileKind::User: return "user";
        case chains::ProfileKind::Phone: return "phone";
    }
    return {};
}

std::string_view word(chains::BusyPolicy policy) {
    switch (policy) {
        case chains::BusyPolicy::Ring: return "ring";
        case chains::BusyPolicy::Reject: return "reject";
    }
    return {};
}

std::string_view word(chains::CallPolicy policy) {
    switch (policy) {
        case chains::CallPolicy::Anyone: return "anyone";
        case chains::CallPolicy::Contacts: return "contacts";
        case chains::CallPolicy::Nobody: return "nobody";
    }
    return {};
}

std::string_view word(chains::CallState state) {
    switch (state) {
        case chains::CallState::Init: return "init";
        case chains::CallState::Ringing: return "ringing";
        case chains::CallState::Active: return "active";
        case chains::CallState::Ended: return "ended";
    }
    return {};
}

std::string_view word(chains::ParticipantState state) {
    using enum chains::ParticipantState;
    switch (state) {
        case Inviting: return "inviting";
        case Ringing: return "ringing";
        case Active: return "active";
        case Reconnecting: return "reconnecting";
        case Rejected: return "rejected";
        case Busy: return "busy";
        case Unreachable: return "unreachable";
        case Timeout: return "timeout";
        case Left: return "left";
        case Lost: return "lost";
        case Cancelled: return "cancelled";
        case Removed: return "removed";
    }
    return {};
}

std::string_view word(chains::LegState state) {
    using enum chains::LegState;
    switch (state) {
        case Invited: return "invited";
        case Ringing: return "ringing";
        case Active: return "active";
        case Reconnecting: return "reconnecting";
        case Pending: return "pending";
        case Passive: return "passive";
    }
    return {};
}

std::string_view word(chains::Role role) {
    switch (role) {
        case chains::Role::ActiveInitiator: return "active initiator";
        case chains::Role::PassiveInitiator: return "passive initiator";
        case chains::Role::ActiveReceiver: return "active receiver";
        case chains::Role::PassiveReceiver: return "passive receiver";
        case chains::Role::Receiver: return "receiver";
    }
    return {};
}

std::string_view word(chains::MediaState state) {
    using enum chains::MediaState;
    switch (state) {
        case None: return "none";
        case Connecting: return "connecting";
        case Connected: return "connected";
        case Reconnecting: return "reconnecting";
        case Failed: return "failed";
    }
    return {};
}

std::string_view word(chains::EndReason reason) {
    using enum chains::EndReason;
    switch (reason) {
        case Cancelled: return "cancelled";
        case Rejected: return "rejected";
        case Busy: return "busy";
        case NoAnswer: return "no_answer";
        case Unreachable: return "unreachable";
        case HangUp: return "hangup";
        case Lost: return "lost";
        case Removed: return "removed";
        case InitiatorLost: return "initiator_lost";
        case Glare: return "glare";
        case Superseded: return "superseded";
        case MaxDuration: return "max_duration";
        case MediaFailed: return "media_failed";
        case Terminated: return "terminated";
    }
    return {};
}

std::string_view word(chains::Notice notice) {
    using enum chains::Notice;
    switch (notice) {
        case Pending: return "call.pending";
        case Ringing: return "call.ringing";
        case InitTimeout: return "call.init_timeout";
        case RingingTimeout: return "call.ringing_timeout";
        case Reject: return "call.reject";
        case Busy: return "call.busy";
        case Ignore: return "call.ignore";
        case HangUp: return "call.hangup";
        case Reconnecting: return "call.reconnecting";
        case Reconnected: return "call.reconnected";
        case Drop: return "call.drop";
        case Hold: return "call.hold";
        case Resume: return "call.resume";
        case Remove: return "call.remove";
    }
    return {};
}

}  // namespace crosspoint::api::jsapi
