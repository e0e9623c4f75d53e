#include "kernel-member.h"

#include <fcntl.h>
#include <linux/btf.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "btf-kinds.h"

namespace {

constexpr uint32_t kTypeTag = 18;  // BTF_KIND_TYPE_TAG, not in the headers of Debian 12
constexpr size_t kChunk = 64 << 10;

class BtfFile {
 public:
  explicit BtfFile(const char *path) : fd_(open(path, O_RDONLY | O_CLOEXEC)) {
    if (fd_ >= 0 && (read(0, &header_, sizeof header_) != sizeof header_ || header_.magic != BTF_MAGIC)) header_ = {};
  }
  ~BtfFile() {
    if (fd_ >= 0) close(fd_);
  }
  BtfFile(const BtfFile &) = delete;

  /** Where the texts begin among the strings; 0, the empty name, for one that is not there. Each is there once. */
  std::vector<uint32_t> strings(const std::vector<std::string> &wanted) const {
    std::vector<uint32_t> found(wanted.size());
    size_t left = wanted.size(), longest = 0;
    for (const std::string &each : wanted) longest = std::max(longest, each.size() + 2);
    std::vector<char> chunk(kChunk);
    for (size_t at = 0; at < header_.str_len && left > 0; at += kChunk - longest) {
      const ssize_t length = read(header_.hdr_len + header_.str_off + at, chunk.data(), std::min<size_t>(kChunk, header_.str_len - at));
      if (length <= 0) break;
      for (size_t i = 0; i < wanted.size(); i++) {
        if (found[i] != 0) continue;
        const std::string text = std::string(1, '\0') + wanted[i] + std::string(1, '\0');
        const auto hit = std::search(chunk.begin(), chunk.begin() + length, text.begin(), text.end());
        if (hit == chunk.begin() + length) continue;
        found[i] = static_cast<uint32_t>(at + (hit - chunk.begin()) + 1);
        left--;
      }
    }
    return found;
  }

  /** The struct of that name, with its members behind it; empty when there is none. */
  std::vector<uint8_t> structure(uint32_t name) const {
    std::vector<uint8_t> chunk(kChunk);
    size_t have = 0, used = 0, position = 0;  // of the chunk; of the types, where the next chunk is read
    for (;;) {
      memmove(chunk.data(), chunk.data() + used, have - used);
      have -= used;
      used = 0;
      const size_t more = std::min<size_t>(chunk.size() - have, header_.type_len - position);
      const ssize_t length = more == 0 ? 0 : read(header_.hdr_len + header_.type_off + position, chunk.data() + have, more);
      if (length <= 0) return {};
      have += length;
      position += length;
      for (;;) {
        btf_type type;
        if (have - used < sizeof type) break;
        memcpy(&type, &chunk[used], sizeof type);
        const size_t size = sizeof type + behind(type);
        if (size == sizeof type + SIZE_MAX) return {};
        if (size > have - used) {
          if (size > chunk.size()) chunk.resize(size);
          break;
        }
        if (BTF_INFO_KIND(type.info) == BTF_KIND_STRUCT && type.name_off == name) return {&chunk[used], &chunk[used] + size};
        used += size;
      }
    }
  }

 private:
  ssize_t read(size_t offset, void *into, size_t size) const {
    size_t done = 0;
    while (done < size) {  // sysfs gives a page at a time
      const ssize_t length = pread(fd_, static_cast<char *>(into) + done, size - done, offset + done);
      if (length <= 0) break;
      done += length;
    }
    return static_cast<ssize_t>(done);
  }

  /** Bytes behind a type's head; SIZE_MAX: a kind that is newer than this. */
  static size_t behind(const btf_type &type) {
    const size_t count = BTF_INFO_VLEN(type.info);
    switch (BTF_INFO_KIND(type.info)) {
      case BTF_KIND_INT:
      case BTF_KIND_VAR:
      case BTF_KIND_DECL_TAG:
        return 4;
      case BTF_KIND_ARRAY:
        return sizeof(struct btf_array);
      case BTF_KIND_STRUCT:
      case BTF_KIND_UNION:
        return count * sizeof(btf_member);
      case BTF_KIND_ENUM:
        return count * sizeof(struct btf_enum);
      case kEnum64:
        return count * sizeof(Enum64);
      case BTF_KIND_FUNC_PROTO:
        return count * sizeof(btf_param);
      case BTF_KIND_DATASEC:
        return count * sizeof(btf_var_secinfo);
      default:
        return BTF_INFO_KIND(type.info) <= kTypeTag ? 0 : SIZE_MAX;
    }
  }

  int fd_;
  btf_header header_{};
};

}  // namespace

std::optional<uint32_t> kernelMember(const char *structure, const char *member) {
  const BtfFile file("/sys/kernel/btf/vmlinux");
  const std::vector<uint32_t> names = file.strings({structure, member});
  if (names[0] == 0 || names[1] == 0) return {};
  const std::vector<uint8_t> found = file.structure(names[0]);
  for (size_t at = sizeof(btf_type); at + sizeof(btf_member) <= found.size(); at += sizeof(btf_member)) {
    btf_type type;
    btf_member each;
    memcpy(&type, found.data(), sizeof type);
    memcpy(&each, &found[at], sizeof each);
    if (each.name_off != names[1]) continue;
    const uint32_t bits = BTF_INFO_KFLAG(type.info) ? BTF_MEMBER_BIT_OFFSET(each.offset) : each.offset;
    if (bits % 8 != 0) return {};
    return bits / 8;
  }
  return {};
}
