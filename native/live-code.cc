// A walk along all paths at once, that knows of a register or of a word of the stack either its value or nothing. Where two paths
// meet, what they do not agree on is not known; so each instruction is looked at a few times at most. It only ever leaves out, and
// what it leaves out the kernel would: test/native/live-code.test.ts has both make the same program.
#include "live-code.h"

#include <cstring>

#include "live-arithmetic.h"
#include "live-state.h"

namespace {

int bytesOf(uint8_t code) {
  switch (BPF_SIZE(code)) {
    case BPF_B:
      return 1;
    case BPF_H:
      return 2;
    case BPF_W:
      return 4;
    default:
      return 8;
  }
}

constexpr uint8_t kAlways = BPF_JMP | BPF_JA;

/** Where a run goes on: a bit each. */
enum : uint8_t { kNext = 1, kJump = 2 };

class Walk {
 public:
  Walk(const std::vector<bpf_insn> &program, const Constants &constants)
      : program_(program), constants_(constants), ways_(program.size()), isTarget_(program.size()), seen_(program.size(), -1) {}

  /** @returns false: there is something in it that this does not know */
  bool run() {
    for (size_t i = 0; i < program_.size(); i += wordsAt(i))
      if (isJump(program_[i].code)) {
        // a function may end with a jump that is always taken
        if (target(i) >= program_.size() || (program_[i].code != kAlways && i + 1 >= program_.size())) return false;
        isTarget_[target(i)] = true;
      }
    enter(0, State());
    while (!left_.empty()) {
      const size_t at = left_.back();
      left_.pop_back();
      if (!along(at)) return false;
    }
    return true;
  }

  std::vector<bpf_insn> reached(bool keepJumps) {
    if (keepJumps)
      for (size_t i = 0; i < program_.size(); i++)
        if (isJump(program_[i].code) && ways_[i] != 0 && program_[i].code != kAlways && ways_[target(i)] != 0 && ways_[i + 1] != 0) ways_[i] = kNext | kJump;
    // a jump that is not taken is left out; one that is always taken needs no condition
    std::vector<size_t> place(program_.size() + 1);
    std::vector<bpf_insn> result;
    for (size_t i = 0; i < program_.size(); i++) {
      place[i] = result.size();
      const bool isSecond = i > 0 && isWide(i - 1) && ways_[i - 1] != 0;
      if (!isSecond && (ways_[i] == 0 || (isJump(program_[i].code) && ways_[i] == kNext))) continue;
      result.push_back(program_[i]);
    }
    place[program_.size()] = result.size();
    for (size_t i = 0; i < program_.size(); i++) {
      if ((ways_[i] & kJump) == 0 || !isJump(program_[i].code)) continue;
      bpf_insn &jump = result[place[i]];
      if (ways_[i] == kJump) jump = {kAlways, 0, 0, 0, 0};
      jump.off = static_cast<int16_t>(static_cast<int64_t>(place[target(i)]) - static_cast<int64_t>(place[i]) - 1);
    }
    return result;
  }

 private:
  static bool isJump(uint8_t code) {
    const uint8_t kind = BPF_CLASS(code), operation = BPF_OP(code);
    return (kind == BPF_JMP && operation != BPF_CALL && operation != BPF_EXIT) || kind == BPF_JMP32;
  }
  bool isWide(size_t i) const { return program_[i].code == (BPF_LD | BPF_IMM | BPF_DW); }
  size_t wordsAt(size_t i) const { return isWide(i) ? 2 : 1; }
  size_t target(size_t i) const { return i + 1 + program_[i].off; }

  void enter(size_t at, const State &state) {
    if (seen_[at] < 0) {
      seen_[at] = static_cast<int>(states_.size());
      states_.push_back(state);
    } else if (!states_[seen_[at]].meet(state)) {
      return;
    }
    left_.push_back(at);
  }

  /** From there to where paths meet or part, or it ends. */
  bool along(size_t at) {
    State state = states_[seen_[at]];
    for (size_t i = at; i < program_.size();) {
      if (i != at && isTarget_[i]) {
        enter(i, state);
        return true;
      }
      const bpf_insn &insn = program_[i];
      if (isJump(insn.code)) return part(i, state);
      ways_[i] = kNext;
      if (insn.code == (BPF_JMP | BPF_EXIT)) return true;
      if (!step(i, state)) return false;
      i += wordsAt(i);
    }
    return false;
  }

  bool part(size_t i, const State &state) {
    const bpf_insn &insn = program_[i];
    const uint8_t operation = BPF_OP(insn.code);
    const bool wide = BPF_CLASS(insn.code) == BPF_JMP;
    uint8_t ways = kNext | kJump;
    if (operation == BPF_JA) {
      if (!wide) return false;  // with a long offset, which no program of ours has
      ways = kJump;
    } else {
      const Value a = state.registers[insn.dst_reg], b = operand(insn, state);
      if (a.kind == Kind::number && b.kind == Kind::number) {
        const std::optional<bool> taken = holds(operation, a.number, b.number, wide);
        if (!taken) return false;
        ways = *taken ? kJump : kNext;
      }
    }
    ways_[i] |= ways;
    if (ways & kJump) enter(target(i), state);
    if (ways & kNext) enter(i + 1, state);
    return true;
  }

  static Value operand(const bpf_insn &insn, const State &state) {
    return BPF_SRC(insn.code) == BPF_X ? state.registers[insn.src_reg] : number(static_cast<uint64_t>(static_cast<int64_t>(insn.imm)));
  }

  bool step(size_t i, State &state) {
    const bpf_insn &insn = program_[i];
    if (insn.dst_reg >= kRegisters || insn.src_reg >= kRegisters) return false;
    switch (BPF_CLASS(insn.code)) {
      case BPF_LD:
        return isWide(i) && i + 1 < program_.size() && loadWide(i, state);
      case BPF_ALU:
      case BPF_ALU64:
        return compute(insn, state);
      case BPF_LDX:
        return load(insn, state);
      case BPF_ST:
      case BPF_STX:
        return store(insn, state);
      case BPF_JMP:
        return insn.code == (BPF_JMP | BPF_CALL) && insn.src_reg == 0 && call(insn.imm, state);
      default:
        return false;
    }
  }

  bool loadWide(size_t i, State &state) {
    const bpf_insn &insn = program_[i];
    const uint64_t high = static_cast<uint32_t>(program_[i + 1].imm);
    Value &into = state.registers[insn.dst_reg];
    if (insn.src_reg == 0) into = number(high << 32 | static_cast<uint32_t>(insn.imm));
    else if (insn.src_reg == BPF_PSEUDO_MAP_VALUE && insn.imm == constants_.map) into = {Kind::constant, high};
    else into = kElsewhere;
    return insn.src_reg <= BPF_PSEUDO_MAP_VALUE;  // not a function, which would have to be kept
  }

  static bool compute(const bpf_insn &insn, State &state) {
    const uint8_t operation = BPF_OP(insn.code);
    const bool wide = BPF_CLASS(insn.code) == BPF_ALU64;
    if (insn.off != 0) return false;  // signed moves and divisions of newer kernels
    Value &a = state.registers[insn.dst_reg];
    const Value b = operand(insn, state);
    if (operation == BPF_MOV && wide) a = b;
    else if (operation == BPF_END) a = eitherOf(a, a);
    else if ((a.kind == Kind::number || operation == BPF_MOV) && b.kind == Kind::number) {
      const std::optional<uint64_t> result = computed(operation, a.number, b.number, wide);
      a = result ? number(*result) : kElsewhere;
    } else if (wide && (a.kind == Kind::stack || a.kind == Kind::constant) && b.kind == Kind::number && (operation == BPF_ADD || operation == BPF_SUB)) {
      a.number += operation == BPF_ADD ? b.number : 0 - b.number;
    } else {
      a = operation == BPF_MOV ? eitherOf(b, b) : eitherOf(a, b);
    }
    return true;
  }

  bool load(const bpf_insn &insn, State &state) const {
    if (BPF_MODE(insn.code) != BPF_MEM) return false;
    const Value from = state.registers[insn.src_reg];
    const uint64_t place = from.number + static_cast<int64_t>(insn.off);
    const size_t size = bytesOf(insn.code);
    Value &into = state.registers[insn.dst_reg];
    into = from.mayBeStack() ? kUnknown : kElsewhere;
    if (from.kind == Kind::constant && place < constants_.size && size <= constants_.size - place) {
      uint64_t n = 0;
      memcpy(&n, constants_.bytes + place, size);  // as on every machine that this runs on, the low byte first
      into = number(n);
    } else if (from.kind == Kind::stack) {
      const Value *word = state.wordAt(place);
      if (word == nullptr) return true;
      if (size == 8) into = *word;
      else if (word->kind == Kind::number) into = number(word->number & ((1ull << (8 * size)) - 1));
    }
    return true;
  }

  static bool store(const bpf_insn &insn, State &state) {
    const bool ofRegister = BPF_CLASS(insn.code) == BPF_STX;
    const bool atomic = BPF_MODE(insn.code) == BPF_ATOMIC;
    if (BPF_MODE(insn.code) != BPF_MEM && !(ofRegister && atomic)) return false;
    if (atomic && static_cast<uint32_t>(insn.imm) > 0xff) return false;  // loads and stores of newer kernels
    const Value to = state.registers[insn.dst_reg];
    const uint64_t place = to.number + static_cast<int64_t>(insn.off);
    if (to.kind == Kind::stack) state.forget(place, bytesOf(insn.code));
    else if (to.kind == Kind::unknown) state.forgetStack();
    if (atomic) {
      // what was there before, if it is asked for; of an exchange, r0
      state.registers[insn.src_reg] = state.registers[0] = eitherOf(to, to);
    } else if (to.kind == Kind::stack && BPF_SIZE(insn.code) == BPF_DW) {
      Value *word = state.wordAt(place);
      if (word != nullptr) *word = ofRegister ? state.registers[insn.src_reg] : number(static_cast<uint64_t>(static_cast<int64_t>(insn.imm)));
    }
    return true;
  }

  /** Of the stack, a helper writes what it is given for that, and nothing else. */
  static bool call(int32_t helper, State &state) {
    const auto &registers = state.registers;
    switch (helper) {
      case BPF_FUNC_map_lookup_elem:
      case BPF_FUNC_map_update_elem:
      case BPF_FUNC_ktime_get_ns:
      case BPF_FUNC_get_current_pid_tgid:
      case BPF_FUNC_get_current_uid_gid:
      case BPF_FUNC_get_current_cgroup_id:
      case BPF_FUNC_get_smp_processor_id:
      case BPF_FUNC_get_current_task:
      case BPF_FUNC_get_attach_cookie:
      case BPF_FUNC_get_stackid:
      case BPF_FUNC_ringbuf_output:
      case BPF_FUNC_ringbuf_reserve:
      case BPF_FUNC_ringbuf_submit:
      case BPF_FUNC_ringbuf_discard:
        break;
      case BPF_FUNC_get_current_comm:
      case BPF_FUNC_probe_read_kernel:
      case BPF_FUNC_probe_read_user:
      case BPF_FUNC_probe_read_kernel_str:
      case BPF_FUNC_probe_read_user_str:
        if (registers[1].kind == Kind::stack && registers[2].kind == Kind::number) {
          state.forget(registers[1].number, registers[2].number);
          break;
        }
        [[fallthrough]];
      default:
        state.forgetStack();
    }
    for (int i = 0; i <= 5; i++) state.registers[i] = kElsewhere;
    return true;
  }

  const std::vector<bpf_insn> &program_;
  const Constants &constants_;
  std::vector<uint8_t> ways_;
  std::vector<bool> isTarget_;
  /** Where its state is among the states; -1: it was not reached. */
  std::vector<int> seen_;
  std::vector<State> states_;
  std::vector<size_t> left_;
};

}  // namespace

std::vector<bpf_insn> liveCode(const std::vector<bpf_insn> &program, const Constants &constants, bool keepJumps) {
  if (program.empty()) return program;
  Walk walk(program, constants);
  return walk.run() ? walk.reached(keepJumps) : program;
}
