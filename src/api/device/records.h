#pragma once
#include <string>

#include "base/ids.h"
#include "base/statement.h"

// What of the devices survives a restart: one JSON text for each participant that ever connected.
namespace crosspoint::api::device {

struct StoredDevice {
    ParticipantId participant;
    std::string state;
};

Statement select_devices();
StoredDevice device_from(const Row& row);
Statement put_device(const ParticipantId& participant, std::string state);
Statement erase_device(const ParticipantId& participant);

}  // namespace crosspoint::api::device
