#pragma once
#include <boost/json.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "load/calls.h"
#include "load/texts.h"

namespace crosspoint::load {

/// What a run of `crosspoint load jsapi` has measured, and what it promises.
struct Report {
    static constexpr double kMemoryLimit = 40 * 1024;  // bytes of the server for each idle connection
    static constexpr Duration kTextLimit = 50ms;       // 99 of 100 texts are there by then

    size_t connections = 0;
    std::optional<double> memory_before;  // bytes resident in the server: before there was anybody
    std::optional<double> memory_after;   // … and with everybody connected and idle
    std::optional<TextFigures> texts;     // nothing: none were asked for
    std::optional<CallFigures> calls;     // likewise
    std::map<std::string, uint64_t> problems;

    std::optional<double> memory_per_connection() const;
};

/// What is not as promised, one sentence each; empty: all is well.
std::vector<std::string> failures(const Report& report);

std::string as_table(const Report& report);
boost::json::object as_json(const Report& report);

}  // namespace crosspoint::load
