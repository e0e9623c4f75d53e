// libbpf has a place for it: a section's handler is asked when a program is relocated and not yet loaded. Ours is the one for
// sections that libbpf does not know, as that of probe.bpf.c; of objects that are not ours it changes nothing.
#include "live-loading.h"

#include <exception>
#include <vector>

#include "live-code.h"

namespace {

thread_local bpf_object *loading = nullptr;
thread_local bool keepJumps = false;

int prepare(bpf_program *program, bpf_prog_load_opts *, long) {
  bpf_map *map = loading == nullptr ? nullptr : bpf_object__find_map_by_name(loading, ".rodata");
  size_t size = 0;
  const auto *bytes = map == nullptr ? nullptr : static_cast<const uint8_t *>(bpf_map__initial_value(map, &size));
  if (bytes == nullptr) return 0;
  try {
    const bpf_insn *first = bpf_program__insns(program);
    const std::vector<bpf_insn> whole(first, first + bpf_program__insn_cnt(program));
    std::vector<bpf_insn> live = liveCode(whole, {bpf_map__fd(map), bytes, size}, keepJumps);
    return live.size() == whole.size() ? 0 : bpf_program__set_insns(program, live.data(), live.size());
  } catch (const std::exception &) {
    return 0;  // no memory: then the kernel does it
  }
}

}  // namespace

LiveLoading::LiveLoading(bpf_object *object, Cut cut) {
  loading = cut == Cut::nothing ? nullptr : object;
  keepJumps = cut == Cut::unreached;
}
LiveLoading::~LiveLoading() { loading = nullptr; }

void LiveLoading::install() {
  LIBBPF_OPTS(libbpf_prog_handler_opts, options, .prog_prepare_load_fn = prepare);
  libbpf_register_prog_handler(nullptr, BPF_PROG_TYPE_UNSPEC, static_cast<bpf_attach_type>(0), &options);
}
