// Files of another process: what /proc says of it, the files that it has mapped, and files of its own root. They are untrusted:
// none is opened that is not a plain one, and no link leads out of that root.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <tuple>

#include "fd.h"

/** /proc/PID/NAME */
std::string procPath(int pid, const char *name);

std::string readFile(const std::string &path, size_t most);

/** A file as the process sees it, not yet open for reading: no link leads out of its root. */
Fd placeInRoot(const std::string &root, const std::string &path);

/** Opens a place for reading, if a plain file is there: to open a device does something to it (a watchdog begins to count). */
Fd openPlain(const Fd &place);

/** What makes a file the same file, unchanged. */
struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  int64_t seconds = 0, nanoseconds = 0;
  off_t size = 0;
  bool operator<(const FileId &other) const {
    return std::tie(device, inode, seconds, nanoseconds, size) < std::tie(other.device, other.inode, other.seconds, other.nanoseconds, other.size);
  }
  bool operator==(const FileId &other) const { return !(*this < other) && !(other < *this); }
};

/** False: it is no plain file, or too large a one. */
bool identify(int fd, FileId &id);
