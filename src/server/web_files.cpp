#include "server/web_files.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace crosspoint::server {

namespace fs = std::filesystem;

namespace {

std::string content_type(const fs::path& path) {
    static const std::map<std::string, std::string> types{
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".yaml", "application/yaml"},
        {".ts", "text/plain; charset=utf-8"},
        {".woff2", "font/woff2"},
    };
    const auto found = types.find(path.extension().string());
    return found == types.end() ? "application/octet-stream" : found->second;
}

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    return std::move(bytes).str();
}

void add_folder(api::Routes& routes, const fs::path& folder, const std::string& at) {
    if (!fs::is_directory(folder)) return;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        const std::string relative = fs::relative(entry.path(), folder).generic_string();
        // Vite puts a hash of the content into the names below assets/.
        const bool immutable = relative.starts_with("assets/");
        api::StaticFile file{content_type(entry.path()), read_file(entry.path()),
                             immutable ? "public, max-age=31536000, immutable" : "no-cache"};
        if (relative == "index.html") routes.add_file(at, file);
        routes.add_file(at + relative, std::move(file));
    }
}

}  // namespace

void add_web_files(api::Routes& routes, const std::string& root, bool demo) {
    if (root.empty()) return;
    const fs::path base(root);
    // Its server side, which hands out tokens to anybody, is there with --dev only.
    if (demo) add_folder(routes, base / "demo/dist", "/");
    add_folder(routes, base / "sdk/dist", "/sdk/");
    const fs::path description = base / "spec/openapi.yaml";
    if (fs::is_regular_file(description))
        routes.add_file("/openapi.yaml", {content_type(description), read_file(description)});
}

std::string find_web_root() {
    std::error_code failed;
    const fs::path executable = fs::read_symlink("/proc/self/exe", failed);
    if (failed) return {};
    // build/release/crosspoint in a source tree, bin/crosspoint in an installation.
    for (const char* relative : {"../../..", "../../share/crosspoint"}) {
        const fs::path root = (executable / relative).lexically_normal();
        if (fs::is_regular_file(root / "spec/openapi.yaml")) return root.string();
    }
    return {};
}

}  // namespace crosspoint::server
