#include "sessions.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>

#include "session.h"
#include "worker.h"

namespace {

constexpr size_t kHandedOver = 64 << 10;

Napi::Value toArray(Napi::Env env, const uint8_t *data, size_t size) {
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env, size);
  if (size > 0) memcpy(buffer.Data(), data, size);
  return Napi::Uint8Array::New(env, size, buffer, 0);
}

/** What is large is handed over: to copy it would keep the JavaScript thread. */
Napi::Value toArray(Napi::Env env, Bytes &bytes) {
  const size_t size = bytes.size();
  if (size < kHandedOver) return toArray(env, bytes.data(), size);
  auto *memory = bytes.release();
  try {
    Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env, memory, size, [](Napi::Env, void *data) { free(data); });
    return Napi::Uint8Array::New(env, size, buffer, 0);
  } catch (const Napi::Error &) {  // the thread is being ended: nobody else frees it
    free(memory);
    throw;
  }
}

Napi::Value sampleObject(Napi::Env env, Sample &sample) {
  Napi::Object result = Napi::Object::New(env);
  Napi::Float64Array serials = Napi::Float64Array::New(env, sample.serials.size());
  std::copy(sample.serials.begin(), sample.serials.end(), serials.Data());
  Napi::Uint8Array changes = Napi::Uint8Array::New(env, sample.changes.size());
  if (!sample.changes.empty()) memcpy(changes.Data(), sample.changes.data(), sample.changes.size());
  result.Set("count", sample.count);
  result.Set("matching", sample.matching);
  result.Set("complete", sample.complete);
  result.Set("total", static_cast<double>(sample.total));
  result.Set("delta", static_cast<double>(static_cast<int64_t>(sample.delta)));
  result.Set("counted", static_cast<double>(sample.counted));
  result.Set("wrapped", sample.wrapped);
  result.Set("serials", serials);
  result.Set("changes", changes);
  result.Set("keys", toArray(env, sample.keys));
  result.Set("values", toArray(env, sample.values));
  result.Set("before", toArray(env, sample.before));
  if (!sample.first.empty()) result.Set("first", toArray(env, sample.first));
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
          result.Set("keys", toArray(env, snapshot->keys));
          result.Set("values", toArray(env, snapshot->values));
          result.Set("complete", snapshot->complete);
          result.Set("batched", snapshot->batched);
          return result;
        });
  }

  Napi::Value sample(const Napi::CallbackInfo &info) {
    auto sample = std::make_shared<Sample>();
    return Worker::run(
        info.Env(),
        [session = session_, sample, map = info[0].ToString().Utf8Value(), query = readQuery(info[1].As<Napi::Object>()),
         first = info[2].IsString() ? info[2].As<Napi::String>().Utf8Value() : ""] { *sample = session->sample(map, query, first); },
        [sample](Napi::Env env) { return sampleObject(env, *sample); });
  }

  Napi::Value drain(const Napi::CallbackInfo &info) {
    auto records = std::make_shared<std::vector<uint8_t>>();
    return Worker::run(
        info.Env(), [session = session_, records, map = info[0].ToString().Utf8Value()] { *records = session->drain(map); },
        [records](Napi::Env env) { return toArray(env, records->data(), records->size()); });
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
    return orError(env, [&] {
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
    });
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

/** A Session of other things than the bundled program. */
template <typename Spec>
Napi::Value openOther(Napi::Env env, Spec spec) {
  auto session = std::make_shared<std::shared_ptr<Session>>();
  return Worker::run(env, [spec = std::move(spec), session] { *session = std::make_shared<Session>(spec); },
                     [session](Napi::Env env) { return SessionHandle::wrap(env, *session); });
}

}  // namespace

void defineSession(Napi::Env env) { SessionHandle::define(env); }

Napi::Value openSession(const Napi::CallbackInfo &info) {
  auto session = std::make_shared<std::shared_ptr<Session>>();
  std::shared_ptr<Napi::Reference<Napi::Uint32Array>> kept;
  volatile uint32_t *control = nullptr;
  if (info[1].IsTypedArray()) {
    auto given = info[1].As<Napi::Uint32Array>();
    control = given.Data();
    kept = std::make_shared<Napi::Reference<Napi::Uint32Array>>(Napi::Persistent(given));
  }
  // the reference goes with the worker, on the JavaScript thread
  return Worker::run(info.Env(), [spec = readSpec(info[0].As<Napi::Object>()), session, control] { *session = std::make_shared<Session>(spec, control); },
                     [session, kept](Napi::Env env) { return SessionHandle::wrap(env, *session); });
}

Napi::Value openObjectSession(const Napi::CallbackInfo &info) { return openOther(info.Env(), readObjectSpec(info[0].As<Napi::Object>())); }
Napi::Value openMapSession(const Napi::CallbackInfo &info) { return openOther(info.Env(), readLoadedMapSpec(info[0].As<Napi::Object>())); }
Napi::Value openProgramsSession(const Napi::CallbackInfo &info) { return openOther(info.Env(), readReading(info[0].As<Napi::Object>())); }
