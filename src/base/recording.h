#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

namespace crosspoint {

/// What tests said and heard, for those who hold it against its description (spec/) with other tools: one line each in
/// NAME below the directory that CROSSPOINT_RECORDED names. Without that variable nothing is written. A file begins
/// anew with each process.
inline void record_line(const std::string& name, std::string_view line) {
    static const char* const directory = std::getenv("CROSSPOINT_RECORDED");
    if (!directory) return;
    static std::map<std::string, std::ofstream> files;
    const auto [file, is_new] = files.try_emplace(name);
    if (is_new) {
        std::filesystem::create_directories(directory);
        file->second.open(std::filesystem::path(directory) / name, std::ios::trunc);
    }
    file->second << line << '\n' << std::flush;
}

}  // namespace crosspoint
