#include "kernel-btf.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <linux/bpf.h>
#include <time.h>

#include <cerrno>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "btf-kinds.h"
#include "errors.h"

namespace {

const char *const kindNames[] = {"void", "int", "ptr", "array", "struct", "union", "enum", "fwd", "typedef", "volatile",
                                 "const", "restrict", "func", "func_proto", "var", "datasec", "float", "decl_tag", "type_tag", "enum64"};
constexpr uint32_t kKinds = sizeof kindNames / sizeof *kindNames;

/** Read before anyone asked, for the first who does: whoever comes meanwhile waits for it. */
class Preloaded {
 public:
  void load() {
    const std::lock_guard lock(mutex_);
    if (types_ != nullptr) return;
    const LibbpfLog log;
    types_ = btf__load_vmlinux_btf();
    if (libbpf_get_error(types_) != 0) types_ = nullptr;
  }
  btf *take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(types_, nullptr);
  }

 private:
  std::mutex mutex_;
  btf *types_ = nullptr;
} preloaded;

/**
 * The types of the kernel and of its loaded modules as one. A module's BTF goes on where the kernel's ends, each for itself:
 * so that an id says which module it is of, those of module N are N << kModuleShift higher. Loaded once, modules when a
 * name is not the kernel's own.
 */
class Types {
 public:
  static Types &get() {
    // 6 MB, of the kernel that runs: the same as long as this process lives. Each JavaScript thread has its own, as names are
    // indexed when they are asked for
    thread_local std::unique_ptr<Types> types;
    if (types == nullptr) types.reset(new Types());
    return *types;
  }

  ~Types() {
    for (auto module = all_.rbegin(); module != all_.rend(); ++module) btf__free(*module);  // the kernel's last: theirs refer to it
  }
  Types(const Types &) = delete;

  struct Found {
    const btf *types;
    const btf_type *type;  // null: no such id
    uint64_t module;
  };

  const btf *kernel() const { return all_[0]; }

  Found at(uint64_t id) const {
    const uint64_t module = id >> kModuleShift;
    if (module >= all_.size()) return {kernel(), nullptr, 0};
    return {all_[module], btf__type_by_id(all_[module], id & ((1u << kModuleShift) - 1)), module};
  }

  /** An id that a type of that module refers to. */
  double idIn(uint64_t module, uint32_t id) const { return id < btf__type_cnt(kernel()) ? id : static_cast<double>((module << kModuleShift) + id); }

  double find(const char *name, uint32_t kind) {
    const double found = known(name, kind);
    if (found != 0) return found;
    loadModules();
    return known(name, kind);
  }

 private:
  static constexpr int kModuleShift = 24;

  Types() {
    const LibbpfLog log;
    btf *loaded = preloaded.take();
    if (loaded == nullptr) loaded = btf__load_vmlinux_btf();
    if (libbpf_get_error(loaded) != 0 || loaded == nullptr) throw Failure("read btf", "vmlinux", loaded == nullptr ? errno : -libbpf_get_error(loaded), log.text());
    all_.push_back(loaded);
  }

  /** Of one kind. A view asks for a few names, for which all types are walked; a wildcard for thousands, which an index is for. */
  struct Names {
    std::unordered_map<std::string_view, double> ids;
    size_t indexed = 0;  // of all_
    int walks = 0;
  };
  static constexpr int kMostWalks = 8;  // as dear as an index of 60,000 functions

  /** The first of that name: the kernel's own before a module's. 0: there is none so far. */
  double known(std::string_view name, uint32_t kind) {
    Names &names = names_[kind];
    if (names.walks++ < kMostWalks) {
      double found = 0;
      for (size_t i = 0; i < all_.size() && found == 0; i++)
        visit(i, kind, [&](const char *each, double id) { return found = name == each ? id : 0, found == 0; });
      return found;
    }
    for (; names.indexed < all_.size(); names.indexed++)
      visit(names.indexed, kind, [&](const char *each, double id) { return names.ids.try_emplace(each, id), true; });
    const auto found = names.ids.find(name);
    return found == names.ids.end() ? 0 : found->second;
  }

  /** Calls `use(name, id)` for each type of a kind that has a name, until it says false. */
  template <typename Use>
  void visit(size_t of, uint32_t kind, Use use) const {
    const btf *types = all_[of];
    const uint32_t end = btf__type_cnt(types);
    for (uint32_t id = of == 0 ? 1 : btf__type_cnt(kernel()); id < end; id++) {
      const btf_type *type = btf__type_by_id(types, id);
      if (btf_kind(type) != kind) continue;
      const char *name = btf__name_by_offset(types, type->name_off);
      if (name != nullptr && *name != 0 && !use(name, idIn(of, id))) return;
    }
  }

  /** Those that came since the last time too; many names that nothing has are asked for in a row. */
  void loadModules() {
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec == scanned_) return;
    scanned_ = now.tv_sec;
    const LibbpfLog log;
    DIR *folder = opendir("/sys/kernel/btf");
    if (folder == nullptr) return;
    while (const dirent *entry = readdir(folder)) {
      const std::string name = entry->d_name;
      if (name == "vmlinux" || name[0] == '.' || !known_.insert(name).second) continue;
      btf *loaded = btf__load_module_btf(name.c_str(), all_[0]);
      if (loaded != nullptr && libbpf_get_error(loaded) == 0) all_.push_back(loaded);
    }
    closedir(folder);
  }

  std::vector<btf *> all_;
  std::set<std::string> known_;
  std::unordered_map<uint32_t, Names> names_;
  time_t scanned_ = -1;
};

Napi::Value findType(const Napi::CallbackInfo &info) {
  const std::string kind = info[0].As<Napi::String>().Utf8Value(), name = info[1].As<Napi::String>().Utf8Value();
  for (uint32_t k = 0; k < kKinds; k++)
    if (kind == kindNames[k]) return Napi::Number::New(info.Env(), Types::get().find(name.c_str(), k));
  return Napi::Number::New(info.Env(), 0);
}

Napi::Value typeById(const Napi::CallbackInfo &info) {
  const Napi::Env env = info.Env();
  const Types &all = Types::get();
  const auto [types, type, module] = all.at(info[0].As<Napi::Number>().Int64Value());
  Napi::Object result = Napi::Object::New(env);
  const uint32_t kind = type == nullptr ? 0 : btf_kind(type);
  const auto text = [types = types](uint32_t offset) { const char *name = btf__name_by_offset(types, offset); return name == nullptr ? "" : name; };
  const auto idOf = [&all, module = module](uint32_t id) { return all.idIn(module, id); };
  const bool sized = kind == BTF_KIND_INT || kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION || kind == BTF_KIND_ENUM || kind == kEnum64 || kind == BTF_KIND_DATASEC || kind == BTF_KIND_FLOAT;
  result.Set("kind", kind < kKinds ? kindNames[kind] : "void");
  result.Set("name", type == nullptr ? "" : text(type->name_off));
  result.Set("size", type != nullptr && sized ? type->size : 0);
  result.Set("type", type == nullptr || sized ? 0 : idOf(kind == BTF_KIND_ARRAY ? btf_array(type)->type : type->type));
  result.Set("signed", kind == BTF_KIND_INT ? (btf_int_encoding(type) & BTF_INT_SIGNED) != 0 : (kind == BTF_KIND_ENUM || kind == kEnum64) && btf_kflag(type));
  result.Set("char", kind == BTF_KIND_INT && (btf_int_encoding(type) & BTF_INT_CHAR) != 0);
  result.Set("length", kind == BTF_KIND_ARRAY ? btf_array(type)->nelems : 0);
  Napi::Array members = Napi::Array::New(env), values = Napi::Array::New(env);
  const auto add = [&](uint32_t i, uint32_t name, uint32_t of, uint32_t offset, uint32_t size) {
    Napi::Object member = Napi::Object::New(env);
    member.Set("name", text(name)), member.Set("type", idOf(of)), member.Set("bitOffset", offset), member.Set("bitSize", size);
    members.Set(i, member);
  };
  if (kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION)
    for (int i = 0; i < btf_vlen(type); i++)
      add(i, btf_members(type)[i].name_off, btf_members(type)[i].type, btf_member_bit_offset(type, i), btf_member_bitfield_size(type, i));
  if (kind == BTF_KIND_FUNC_PROTO)
    for (int i = 0; i < btf_vlen(type); i++) add(i, btf_params(type)[i].name_off, btf_params(type)[i].type, 0, 0);
  if (kind == BTF_KIND_ENUM)
    for (int i = 0; i < btf_vlen(type); i++) {
      Napi::Object value = Napi::Object::New(env);
      const int32_t number = btf_enum(type)[i].val;
      value.Set("name", text(btf_enum(type)[i].name_off));
      value.Set("value", btf_kflag(type) ? static_cast<double>(number) : static_cast<double>(static_cast<uint32_t>(number)));
      values.Set(i, value);
    }
  if (kind == kEnum64)
    for (int i = 0; i < btf_vlen(type); i++) {
      const Enum64 &wide = reinterpret_cast<const Enum64 *>(type + 1)[i];
      const uint64_t number = static_cast<uint64_t>(wide.high) << 32 | wide.low;
      Napi::Object value = Napi::Object::New(env);
      value.Set("name", text(wide.name));
      value.Set("value", btf_kflag(type) ? Napi::BigInt::New(env, static_cast<int64_t>(number)) : Napi::BigInt::New(env, number));
      values.Set(i, value);
    }
  result.Set("members", members);
  result.Set("values", values);
  return result;
}

Napi::Value functionNames(const Napi::CallbackInfo &info) {
  const btf *types = Types::get().kernel();
  Napi::Array names = Napi::Array::New(info.Env());
  for (uint32_t id = 1; id < btf__type_cnt(types); id++) {
    const btf_type *type = btf__type_by_id(types, id);
    if (btf_is_func(type)) names.Set(names.Length(), btf__name_by_offset(types, type->name_off));
  }
  return names;
}

}  // namespace

Napi::Object kernelBtf(Napi::Env env) {
  Types::get();
  Napi::Object result = Napi::Object::New(env);
  result.Set("find", Napi::Function::New(env, findType, "find"));
  result.Set("type", Napi::Function::New(env, typeById, "type"));
  result.Set("functions", Napi::Function::New(env, functionNames, "functions"));
  return result;
}

void preloadKernelBtf() { preloaded.load(); }
