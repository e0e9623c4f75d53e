// The addon's exports, and the workers that keep slow calls off the JavaScript thread. Shapes: src/native/contract.ts.
#include <bpf/libbpf.h>
#include <malloc.h>
#include <napi.h>

#include <cstring>
#include <functional>
#include <memory>
#include <optional>

#include "demangle.h"
#include "elf-values.h"
#include "error-value.h"
#include "errors.h"
#include "kernel-btf.h"
#include "kernel-member.h"
#include "map-shapes.h"
#include "object.h"
#include "privileges.h"
#include "session.h"
#include "symbols.h"

namespace {

/** Runs `work` on a worker thread, then `result` on the JavaScript thread; a Failure rejects the promise. */
class Worker : public Napi::AsyncWorker {
 public:
  using Work = std::function<void()>;
  using Result = std::function<Napi::Value(Napi::Env)>;

  static Napi::Promise run(Napi::Env env, Work work, Result result) {
    auto *worker = new Worker(env, std::move(work), std::move(result));  // deletes itself when done
    worker->Queue();
    return worker->deferred_.Promise();
  }

 private:
  Worker(Napi::Env env, Work work, Result result)
      : AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), work_(std::move(work)), result_(std::move(result)) {}

  void Execute() override {
    try {
      work_();
    } catch (const Failure &failure) {
      failure_ = failure;
    }
  }
  void OnOK() override {
    settle([this] {
      if (failure_) deferred_.Reject(toError(Env(), *failure_).Value());
      else deferred_.Resolve(result_(Env()));
    });
  }
  void OnError(const Napi::Error &error) override {
    settle([&] { deferred_.Reject(error.Value()); });
  }

  /** A thread that is being ended runs no JavaScript any more: nobody waits for the promise then, and what throws is let go. */
  void settle(const std::function<void()> &work) {
    try {
      work();
    } catch (const Napi::Error &error) {
      try {
        deferred_.Reject(error.Value());
      } catch (const Napi::Error &) {
      }
    }
  }

  Napi::Promise::Deferred deferred_;
  Work work_;
  Result result_;
  std::optional<Failure> failure_;
};

Napi::Value bytes(Napi::Env env, const std::vector<uint8_t> &data) {
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env, data.size());
  if (!data.empty()) memcpy(buffer.Data(), data.data(), data.size());
  return Napi::Uint8Array::New(env, data.size(), buffer, 0);
}

Napi::Value sampleObject(Napi::Env env, const Sample &sample) {
  Napi::Object result = Napi::Object::New(env);
  Napi::Uint32Array serials = Napi::Uint32Array::New(env, sample.serials.size());
  if (!sample.serials.empty()) memcpy(serials.Data(), sample.serials.data(), sample.serials.size() * sizeof(uint32_t));
  Napi::Uint8Array changes = Napi::Uint8Array::New(env, sample.changes.size());
  for (size_t i = 0; i < sample.changes.size(); i++) changes[i] = static_cast<uint8_t>(sample.changes[i]);
  result.Set("count", sample.count);
  result.Set("matching", sample.matching);
  result.Set("complete", sample.complete);
  result.Set("total", static_cast<double>(sample.total));
  result.Set("delta", static_cast<double>(static_cast<int64_t>(sample.delta)));
  result.Set("counted", static_cast<double>(sample.counted));
  result.Set("wrapped", sample.wrapped);
  result.Set("serials", serials);
  result.Set("changes", changes);
  result.Set("keys", bytes(env, sample.keys));
  result.Set("values", bytes(env, sample.values));
  result.Set("before", bytes(env, sample.before));
  return result;
}

/** JavaScript's handle of a Session. The worker of each call shares it, so that it outlives both. */
class SessionHandle : public Napi::ObjectWrap<SessionHandle> {
 public:
  static void define(Napi::Env env) {
    auto *constructor = new Napi::FunctionReference();
    *constructor = Napi::Persistent(DefineClass(env, "Session",
                                                {InstanceMethod("read", &SessionHandle::read), InstanceMethod("sample", &SessionHandle::sample), InstanceMethod("lookup", &SessionHandle::lookup), InstanceMethod("drain", &SessionHandle::drain), InstanceMethod("programs", &SessionHandle::programs),
                                                 InstanceMethod("refused", &SessionHandle::refused),
                                                 InstanceMethod("statistics", &SessionHandle::statistics), InstanceMethod("detach", &SessionHandle::detach), InstanceMethod("close", &SessionHandle::close)}));
    env.SetInstanceData(constructor);
  }

  static Napi::Value wrap(Napi::Env env, std::shared_ptr<Session> session) {
    const Napi::Object object = env.GetInstanceData<Napi::FunctionReference>()->New({});
    Unwrap(object)->session_ = std::move(session);
    return object;
  }

  explicit SessionHandle(const Napi::CallbackInfo &info) : ObjectWrap(info) {}

 private:
  Napi::Value read(const Napi::CallbackInfo &info) {
    return snapshotOf(info.Env(), [session = session_, map = info[0].ToString().Utf8Value()] { return session->read(map); });
  }

  Napi::Value lookup(const Napi::CallbackInfo &info) {
    const auto given = info[1].As<Napi::Uint8Array>();
    const std::vector<uint8_t> keys(given.Data(), given.Data() + given.ByteLength());
    return snapshotOf(info.Env(), [session = session_, map = info[0].ToString().Utf8Value(), keys] { return session->lookup(map, keys); });
  }

  static Napi::Value snapshotOf(Napi::Env env, std::function<Snapshot()> read) {
    auto snapshot = std::make_shared<Snapshot>();
    return Worker::run(
        env, [snapshot, read = std::move(read)] { *snapshot = read(); },
        [snapshot](Napi::Env env) {
          Napi::Object result = Napi::Object::New(env);
          result.Set("count", snapshot->count);
          result.Set("keys", bytes(env, snapshot->keys));
          result.Set("values", bytes(env, snapshot->values));
          result.Set("complete", snapshot->complete);
          result.Set("batched", snapshot->batched);
          return result;
        });
  }

  Napi::Value sample(const Napi::CallbackInfo &info) {
    auto sample = std::make_shared<Sample>();
    return Worker::run(
        info.Env(),
        [session = session_, sample, map = info[0].ToString().Utf8Value(), query = readQuery(info[1].As<Napi::Object>())] {
          *sample = session->sample(map, query);
        },
        [sample](Napi::Env env) { return sampleObject(env, *sample); });
  }

  Napi::Value drain(const Napi::CallbackInfo &info) {
    auto records = std::make_shared<std::vector<uint8_t>>();
    return Worker::run(
        info.Env(), [session = session_, records, map = info[0].ToString().Utf8Value()] { *records = session->drain(map); },
        [records](Napi::Env env) { return bytes(env, *records); });
  }

  Napi::Value statistics(const Napi::CallbackInfo &info) {
    session_->statistics(info[0].ToBoolean().Value());
    return info.Env().Undefined();
  }

  Napi::Value refused(const Napi::CallbackInfo &info) {
    Napi::Array result = Napi::Array::New(info.Env());
    for (const RefusedPlace &place : session_->refused()) {
      Napi::Object entry = Napi::Object::New(info.Env());
      entry.Set("path", place.path);
      entry.Set("offset", static_cast<double>(place.offset));
      entry.Set("code", place.code);
      result.Set(result.Length(), entry);
    }
    return result;
  }

  Napi::Value programs(const Napi::CallbackInfo &info) {
    const Napi::Env env = info.Env();
    try {
      Napi::Array result = Napi::Array::New(env);
      for (const ProgramRun &run : session_->programs()) {
        Napi::Object entry = Napi::Object::New(env);
        entry.Set("id", run.id);
        entry.Set("name", run.name);
        entry.Set("runs", static_cast<double>(run.runs));
        entry.Set("nanoseconds", static_cast<double>(run.nanoseconds));
        entry.Set("missed", static_cast<double>(run.missed));
        entry.Set("instructions", run.instructions);
        result.Set(result.Length(), entry);
      }
      return result;
    } catch (const Failure &failure) {
      throw toError(env, failure);
    }
  }

  Napi::Value detach(const Napi::CallbackInfo &info) {
    return Worker::run(info.Env(), [session = session_] { session->detach(); }, [](Napi::Env env) { return env.Undefined(); });
  }

  Napi::Value close(const Napi::CallbackInfo &info) {
    return Worker::run(info.Env(), [session = session_] { session->close(); }, [](Napi::Env env) { return env.Undefined(); });
  }

  /** Closed, until `wrap` gives it one. */
  std::shared_ptr<Session> session_ = std::make_shared<Session>();
};

Napi::Value openSession(const Napi::CallbackInfo &info) {
  auto spec = std::make_shared<SessionSpec>(readSpec(info[0].As<Napi::Object>()));
  auto session = std::make_shared<std::shared_ptr<Session>>();
  if (!info[1].IsTypedArray())
    return Worker::run(info.Env(), [spec, session] { *session = std::make_shared<Session>(*spec); },
                       [session](Napi::Env env) { return SessionHandle::wrap(env, *session); });
  // the reference goes with the worker, on the JavaScript thread
  auto flag = info[1].As<Napi::Uint32Array>();
  auto kept = std::make_shared<Napi::Reference<Napi::Uint32Array>>(Napi::Persistent(flag));
  return Worker::run(info.Env(), [spec, session, control = flag.Data()] { *session = std::make_shared<Session>(*spec, control); },
                     [session, kept](Napi::Env env) { return SessionHandle::wrap(env, *session); });
}

/** A Session of other things than the bundled program. */
template <typename Spec>
Napi::Value openOther(Napi::Env env, Spec spec) {
  auto session = std::make_shared<std::shared_ptr<Session>>();
  return Worker::run(env, [spec = std::move(spec), session] { *session = std::make_shared<Session>(spec); },
                     [session](Napi::Env env) { return SessionHandle::wrap(env, *session); });
}

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

template <typename Work>
Napi::Value orError(Napi::Env env, Work work) {
  try {
    return work();
  } catch (const Failure &failure) {
    throw toError(env, failure);
  }
}

template <typename Read>
Napi::Value fileRead(const Napi::CallbackInfo &info, Read read) {
  const Napi::Env env = info.Env();
  return orError(env, [&] { return toValue(env, read(info[0].ToString().Utf8Value(), info[1].IsString() ? info[1].ToString().Utf8Value() : "")); });
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
  // by itself each thread keeps what it once needed, and what is freed of a large map's snapshot stays with the process
  mallopt(M_ARENA_MAX, 2);
  mallopt(M_MMAP_THRESHOLD, 64 << 10);
  SessionHandle::define(env);
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
  method("openObject", [](const Napi::CallbackInfo &info) { return openOther(info.Env(), readObjectSpec(info[0].As<Napi::Object>())); });
  method("openMap", [](const Napi::CallbackInfo &info) { return openOther(info.Env(), readLoadedMapSpec(info[0].As<Napi::Object>())); });
  method("openPrograms", [](const Napi::CallbackInfo &info) { return openOther(info.Env(), readReading(info[0].As<Napi::Object>())); });
  method("readingNeedsBpf", [](const Napi::CallbackInfo &info) -> Napi::Value { return Napi::Boolean::New(info.Env(), readingNeedsBpf()); });
  method("dropPrivileges", [](const Napi::CallbackInfo &info) -> Napi::Value {
    const auto given = info[0].As<Napi::Array>();
    std::vector<int> keep;
    for (uint32_t i = 0; i < given.Length(); i++) keep.push_back(given.Get(i).ToNumber().Int32Value());
    dropPrivileges(keep);
    return info.Env().Undefined();
  });
  exports.Set("openSession", Napi::Function::New(env, openSession));
  exports.Set("demangle", Napi::Function::New(env, demangled));
  exports.Set("readElf", Napi::Function::New(env, [](const Napi::CallbackInfo &info) -> Napi::Value { return fileRead(info, readElf); }));
  exports.Set("readUsdt", Napi::Function::New(env, [](const Napi::CallbackInfo &info) -> Napi::Value { return fileRead(info, readUsdt); }));
  exports.Set("kernelSymbols", Napi::Function::New(env, kernelSymbols));
  exports.Set("userSymbols", Napi::Function::New(env, userSymbols));
  exports.Set("preloadKernelBtf", Napi::Function::New(env, [](const Napi::CallbackInfo &info) -> Napi::Value {
    return Worker::run(info.Env(), preloadKernelBtf, [](Napi::Env env) { return env.Undefined(); });
  }));
  exports.Set("kernelBtf", Napi::Function::New(env, [](const Napi::CallbackInfo &info) -> Napi::Value {
    return orError(info.Env(), [&]() -> Napi::Value { return kernelBtf(info.Env()); });
  }));
  return exports;
}

}  // namespace

NODE_API_MODULE(tsbpftop, init)
