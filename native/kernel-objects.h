// The maps and programs that the kernel has, by their numbers.
#pragma once
#include <linux/bpf.h>

#include <cstdint>
#include <functional>
#include <string>

#include "fd.h"

/** What the kernel says of a map. @param target for the message. @throws Failure */
bpf_map_info mapInfo(int fd, const std::string &target);

struct OpenMap {
  Fd fd;
  bpf_map_info info;
};
/** @throws Failure */
OpenMap mapOf(uint32_t id, const std::string &target);

/** Calls `use(id, fd, info)` for each map of the machine, but for those that go meanwhile. @throws Failure */
void eachMap(const std::function<void(uint32_t, int, const bpf_map_info &)> &use);
/** The same of programs. */
void eachProgram(const std::function<void(uint32_t, int, const bpf_prog_info &)> &use);
