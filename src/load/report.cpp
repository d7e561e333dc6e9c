#include "load/report.h"

#include <fmt/format.h>

namespace crosspoint::load {
namespace {

namespace json = boost::json;

double milliseconds(Duration duration) { return static_cast<double>(duration.count()) / 1000; }

json::object to_json(const Latencies& latencies) {
    return {{"p50", milliseconds(latencies.quantile(0.5))},
            {"p99", milliseconds(latencies.quantile(0.99))},
            {"max", milliseconds(latencies.longest())}};
}

json::object to_json(const std::map<std::string, uint64_t>& counts) {
    json::object object;
    for (const auto& [name, count] : counts) object[name] = count;
    return object;
}

std::string row(std::string_view what, const Latencies& latencies) {
    return fmt::format("  {:<34}{:>10.1f}{:>10.1f}{:>10.1f}\n", what, milliseconds(latencies.quantile(0.5)),
                       milliseconds(latencies.quantile(0.99)), milliseconds(latencies.longest()));
}

std::string row(std::string_view what, uint64_t count) { return fmt::format("  {:<34}{:>10}\n", what, count); }

std::string row(std::string_view what, std::optional<double> bytes) {
    if (!bytes) return fmt::format("  {:<34}{:>10}\n", what, "unknown");
    return fmt::format("  {:<34}{:>10.1f}\n", what, *bytes / 1024);
}

constexpr std::string_view kLatencyHeader = "                                    p50 (ms)  p99 (ms)  max (ms)\n";

std::string table(const TextFigures& texts) {
    return "\ntexts\n" + row("sent", texts.sent) + row("delivered", texts.delivered) + row("lost", texts.lost) +
           row("duplicated", texts.duplicated) + row("out of order", texts.out_of_order) + std::string(kLatencyHeader) +
           row("sent to received", texts.took);
}

std::string table(const CallFigures& calls) {
    std::string text = "\ncalls\n" + row("opened", calls.opened) + row("rung", calls.rung) +
                       row("answered", calls.answered) + row("ended", calls.ended) +
                       row("not ended in time", calls.unfinished) + row("failed", calls.failed);
    for (const auto& [error, count] : calls.errors) text += row("  " + error, count);
    return text + std::string(kLatencyHeader) + row("opened to ringing at the caller", calls.ringing) +
           row("accepted to heard by the caller", calls.answering) + row("opened to ended", calls.lasting);
}

void check(const TextFigures& texts, std::vector<std::string>& failures) {
    const auto none = [&](uint64_t count, std::string_view what) {
        if (count > 0) failures.push_back(fmt::format("{} texts were {}", count, what));
    };
    none(texts.lost, "lost");
    none(texts.duplicated, "delivered twice");
    none(texts.out_of_order, "out of order");
    const Duration p99 = texts.took.quantile(0.99);
    if (p99 >= Report::kTextLimit)
        failures.push_back(fmt::format("the 99th percentile of texts is {:.1f} ms, the limit {:.0f} ms",
                                       milliseconds(p99), milliseconds(Report::kTextLimit)));
}

void check(const CallFigures& calls, std::vector<std::string>& failures) {
    if (calls.unfinished > 0)
        failures.push_back(fmt::format("{} calls did not end within {:.0f} s", calls.unfinished,
                                       milliseconds(Calls::kCallLimit) / 1000));
    for (const auto& [error, count] : calls.errors) failures.push_back(fmt::format("{} calls: {}", count, error));
}

}  // namespace

std::optional<double> Report::memory_per_connection() const {
    if (!memory_before || !memory_after || connections == 0) return std::nullopt;
    return (*memory_after - *memory_before) / static_cast<double>(connections);
}

std::vector<std::string> failures(const Report& report) {
    std::vector<std::string> failures;
    for (const auto& [problem, count] : report.problems)
        failures.push_back(fmt::format("{} times: {}", count, problem));
    const auto memory = report.memory_per_connection();
    if (memory && *memory > Report::kMemoryLimit)
        failures.push_back(fmt::format("a connection takes {:.1f} KiB of memory, the limit is {:.0f} KiB",
                                       *memory / 1024, Report::kMemoryLimit / 1024));
    if (report.texts) check(*report.texts, failures);
    if (report.calls) check(*report.calls, failures);
    return failures;
}

std::string as_table(const Report& report) {
    std::string text = "connections\n" + row("idle", report.connections) +
                       row("server memory before (KiB)", report.memory_before) +
                       row("server memory with them (KiB)", report.memory_after) +
                       row("memory per connection (KiB)", report.memory_per_connection());
    if (report.texts) text += table(*report.texts);
    if (report.calls) text += table(*report.calls);
    const auto wrong = failures(report);
    text += wrong.empty() ? "\nno errors, all limits held\n" : "\n";
    for (const std::string& failure : wrong) text += "FAILED: " + failure + "\n";
    return text;
}

json::object as_json(const Report& report) {
    json::object memory;
    if (const auto each = report.memory_per_connection())
        memory = {{"before", *report.memory_before}, {"after", *report.memory_after}, {"perConnection", *each}};
    json::array wrong;
    for (const std::string& failure : failures(report)) wrong.emplace_back(failure);
    json::object object{
        {"connections", report.connections}, {"memoryBytes", std::move(memory)}, {"failures", std::move(wrong)}};
    if (const auto& texts = report.texts)
        object["texts"] = {{"sent", texts->sent},
                           {"delivered", texts->delivered},
                           {"lost", texts->lost},
                           {"duplicated", texts->duplicated},
                           {"outOfOrder", texts->out_of_order},
                           {"latencyMs", to_json(texts->took)}};
    if (const auto& calls = report.calls)
        object["calls"] = {{"opened", calls->opened},
                           {"rung", calls->rung},
                           {"answered", calls->answered},
                           {"ended", calls->ended},
                           {"unfinished", calls->unfinished},
                           {"failed", calls->failed},
                           {"errors", to_json(calls->errors)},
                           {"ringingMs", to_json(calls->ringing)},
                           {"answeringMs", to_json(calls->answering)},
                           {"lastingMs", to_json(calls->lasting)}};
    return object;
}

}  // namespace crosspoint::load
