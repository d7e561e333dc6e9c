#include "api/schema.h"

namespace crosspoint::api {

std::span<const Migration> migrations() {
    static const std::vector<Migration> all{
        {2,
         {"CREATE TABLE devices (participant TEXT PRIMARY KEY, state TEXT NOT NULL)",
          "CREATE TABLE callbacks (id BIGINT PRIMARY KEY, participant TEXT NOT NULL, url TEXT NOT NULL, "
          "body TEXT NOT NULL, created BIGINT NOT NULL)",
          "CREATE TABLE demo_rooms (room TEXT PRIMARY KEY, session TEXT NOT NULL)"}},
        {3, {"ALTER TABLE callbacks ADD COLUMN account TEXT NOT NULL DEFAULT ''"}},
        {6,
         {"CREATE TABLE call_sessions (call TEXT PRIMARY KEY, chain TEXT NOT NULL, account TEXT NOT NULL, "
          "session TEXT NOT NULL)",
          "CREATE TABLE call_seats (participant TEXT PRIMARY KEY, call TEXT NOT NULL, profile TEXT NOT NULL, "
          "epoch BIGINT NOT NULL)"}}};
    return all;
}

}  // namespace crosspoint::api
