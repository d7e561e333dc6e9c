#include "api/device/records.h"

namespace crosspoint::api::device {

Statement select_devices() { return {"SELECT participant, state FROM devices ORDER BY participant", {}}; }

StoredDevice device_from(const Row& row) { return {ParticipantId(row.text(0)), row.text(1)}; }

Statement put_device(const ParticipantId& participant, std::string state) {
    return {
        "INSERT INTO devices (participant, state) VALUES (:participant, :state) "
        "ON CONFLICT (participant) DO UPDATE SET state = excluded.state",
        {participant.value, std::move(state)}};
}

Statement erase_device(const ParticipantId& participant) {
    return {"DELETE FROM devices WHERE participant = :participant", {participant.value}};
}

}  // namespace crosspoint::api::device
