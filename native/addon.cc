// The addon's exports. Shapes: src/native/contract.ts.
#include <bpf/libbpf.h>
#include <malloc.h>
#include <napi.h>

#include <memory>
#include <optional>

#include "demangle.h"
#include "elf-values.h"
#include "kernel-btf.h"
#include "kernel-member.h"
#include "kernel-time.h"
#include "live-loading.h"
#include "loaded-maps.h"
#include "map-shapes.h"
#include "object.h"
#include "privileges.h"
#include "sessions.h"
#include "spec.h"
#include "symbols.h"
#include "worker.h"

namespace {

std::vector<uint64_t> addressesOf(const Napi::Value &value) {
  const auto given = value.As<Napi::BigUint64Array>();
  return {given.Data(), given.Data() + given.ElementLength()};
}

Napi::Value namesOf(Napi::Env env, const Symbols &symbols, const char *flag) {
  Napi::Array names = Napi::Array::New(env, symbols.names.size());
  for (size_t i = 0; i < symbols.names.size(); i++) names.Set(i, symbols.names[i]);
  Napi::Object result = Napi::Object::New(env);
  result.Set("names", names);
  result.Set(flag, symbols.none);
  return result;
}

Napi::Value kernelSymbols(const Napi::CallbackInfo &info) {
  auto symbols = std::make_shared<Symbols>();
  return Worker::run(
      info.Env(), [symbols, addresses = addressesOf(info[0])] { *symbols = namesOfKernel(addresses); },
      [symbols](Napi::Env env) { return namesOf(env, *symbols, "hidden"); });
}

Napi::Value userSymbols(const Napi::CallbackInfo &info) {
  auto symbols = std::make_shared<Symbols>();
  return Worker::run(
      info.Env(), [symbols, pid = info[0].ToNumber().Int32Value(), addresses = addressesOf(info[1])] { *symbols = namesOfProcess(pid, addresses); },
      [symbols](Napi::Env env) { return namesOf(env, *symbols, "ended"); });
}

template <typename Read>
Napi::Value fileRead(const Napi::CallbackInfo &info, Read read) {
  return toValue(info.Env(), read(info[0].ToString().Utf8Value(), info[1].IsString() ? info[1].ToString().Utf8Value() : ""));
}

Napi::Value demangled(const Napi::CallbackInfo &info) {
  const Napi::Array names = info[0].As<Napi::Array>();
  Napi::Array result = Napi::Array::New(info.Env(), names.Length());
  for (uint32_t i = 0; i < names.Length(); i++) {
    const Napi::HandleScope scope(info.Env());
    result.Set(i, demangle(names.Get(i).ToString().Utf8Value()));
  }
  return result;
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  LibbpfLog::install();
  LiveLoading::install();
  // by itself each thread keeps what it once needed, and what is freed of a large map's snapshot stays with the process
  mallopt(M_ARENA_MAX, 2);
  mallopt(M_MMAP_THRESHOLD, 64 << 10);
  defineSession(env);
  exports.Set("libbpf", libbpf_version_string());
  const auto method = [&](const char *name, Napi::Value (*call)(const Napi::CallbackInfo &)) {
    exports.Set(name, Napi::Function::New(env, [call](const Napi::CallbackInfo &info) { return orError(info.Env(), [&] { return call(info); }); }, name));
  };
  method("describeObject", [](const Napi::CallbackInfo &info) -> Napi::Value {
    const bool isPath = info[0].IsString();
    const Object object(isPath ? openBundled(info[0].ToString()) : openObject(info[1].ToString(), bytesOf(info[0])));
    return describeObject(info.Env(), object.get());
  });
  method("describeMap", [](const Napi::CallbackInfo &info) -> Napi::Value { return describeMap(info.Env(), info[0].ToNumber()); });
  method("loadedMaps", [](const Napi::CallbackInfo &info) -> Napi::Value { return loadedMaps(info.Env()); });
  method("kernelMember", [](const Napi::CallbackInfo &info) -> Napi::Value {
    const std::optional<uint32_t> offset = kernelMember(info[0].ToString().Utf8Value().c_str(), info[1].ToString().Utf8Value().c_str());
    return offset ? Napi::Number::New(info.Env(), *offset) : info.Env().Undefined();
  });
  method("pinnedMap", [](const Napi::CallbackInfo &info) -> Napi::Value { return Napi::Number::New(info.Env(), pinnedMap(info[0].ToString())); });
  method("programsShape", [](const Napi::CallbackInfo &info) -> Napi::Value { return programsShape(info.Env()); });
  method("openSession", openSession);
  method("openObject", openObjectSession);
  method("openMap", openMapSession);
  method("openPrograms", openProgramsSession);
  method("kernelTime", [](const Napi::CallbackInfo &info) -> Napi::Value { return Napi::BigInt::New(info.Env(), kernelTime()); });
  method("readingNeedsBpf", [](const Napi::CallbackInfo &info) -> Napi::Value { return Napi::Boolean::New(info.Env(), readingNeedsBpf()); });
  method("dropPrivileges", [](const Napi::CallbackInfo &info) -> Napi::Value {
    const auto given = info[0].As<Napi::Array>();
    std::vector<int> keep;
    for (uint32_t i = 0; i < given.Length(); i++) keep.push_back(given.Get(i).ToNumber().Int32Value());
    dropPrivileges(keep);
    return info.Env().Undefined();
  });
  method("demangle", demangled);
  method("readElf", [](const Napi::CallbackInfo &info) { return fileRead(info, readElf); });
  method("readUsdt", [](const Napi::CallbackInfo &info) { return fileRead(info, readUsdt); });
  method("kernelSymbols", kernelSymbols);
  method("userSymbols", userSymbols);
  method("preloadKernelBtf", [](const Napi::CallbackInfo &info) -> Napi::Value {
    return Worker::run(info.Env(), preloadKernelBtf, [](Napi::Env env) { return env.Undefined(); });
  });
  method("kernelBtf", [](const Napi::CallbackInfo &info) -> Napi::Value { return kernelBtf(info.Env()); });
  return exports;
}

}  // namespace

NODE_API_MODULE(tsbpftop, init)
