#pragma once
#include <string>

namespace crosspoint::store {

/// Held by one process at a time; the kernel lets go of it when that process ends, however it ends.
class FileLock {
public:
    FileLock() = default;
    /// Throws Error when another holds it or when the file cannot be made.
    explicit FileLock(const std::string& path);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

private:
    int file_ = -1;
};

}  // namespace crosspoint::store
