#include "app/logging.h"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>

#include "app/quoted.h"

namespace crosspoint::app::log {
namespace {

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

std::atomic<LogFormat> line_format = LogFormat::Text;

spdlog::level::level_enum spdlog_level(LogLevel level) {
    switch (level) {
        case LogLevel::Debug: return spdlog::level::debug;
        case LogLevel::Info: return spdlog::level::info;
        case LogLevel::Warning: return spdlog::level::warn;
        case LogLevel::Error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

bool needs_quotes(std::string_view text) {
    return text.empty() || std::any_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '"' || c == '=' || c == '\\';
           });
}

std::string value_text(LogFormat format, const FieldValue& field) {
    if (const auto* text = std::get_if<std::string_view>(&field.value))
        return format == LogFormat::Json || needs_quotes(*text) ? quoted(*text) : std::string(*text);
    return std::visit(
        [](const auto& value) -> std::string {
            if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string_view>)
                return {};
            else
                return fmt::format("{}", value);
        },
        field.value);
}

void write(spdlog::level::level_enum level, std::string_view message, const Fields& fields) {
    spdlog::logger* logger = spdlog::default_logger_raw();
    if (!logger || !logger->should_log(level)) return;
    logger->log(level, spdlog::string_view_t(format_line(line_format, message, fields)));
}

/// Until `start` has said where to.
const bool silent_at_first = [] {
    spdlog::set_level(spdlog::level::off);
    return true;
}();

}  // namespace

void start(const LogConfig& config, std::ostream& out) {
    const bool flush_every_line = true;
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out, flush_every_line);
    auto logger = std::make_shared<spdlog::logger>("crosspoint", std::move(sink));
    logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        config.format == LogFormat::Json ? kJsonPattern : kTextPattern, spdlog::pattern_time_type::utc));
    logger->set_level(spdlog_level(config.level));
    line_format = config.format;
    spdlog::set_default_logger(std::move(logger));
}

void debug(std::string_view message, const Fields& fields) { write(spdlog::level::debug, message, fields); }
void info(std::string_view message, const Fields& fields) { write(spdlog::level::info, message, fields); }
void warning(std::string_view message, const Fields& fields) { write(spdlog::level::warn, message, fields); }
void error(std::string_view message, const Fields& fields) { write(spdlog::level::err, message, fields); }

std::string format_line(LogFormat format, std::string_view message, const Fields& fields) {
    const bool json = format == LogFormat::Json;
    // A line of text is read by people: the message stands bare unless it would break the line.
    const bool plain = std::none_of(message.begin(), message.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    std::string line = json ? "\"message\":" + quoted(message) : plain ? std::string(message) : quoted(message);
    for (const Field& field : fields)
        line += json ? fmt::format(",{}:{}", quoted(field.key), value_text(format, field.value))
                     : fmt::format(" {}={}", field.key, value_text(format, field.value));
    return line;
}

}  // namespace crosspoint::app::log
