// What keeps slow calls off the JavaScript thread, and makes errors of JavaScript's of what C++ throws.
#pragma once
#include <napi.h>

#include <functional>
#include <optional>
#include <utility>

#include "error-value.h"
#include "errors.h"

/** What `work` gives; what it throws becomes JavaScript's. */
template <typename Work>
Napi::Value orError(Napi::Env env, Work work) {
  try {
    return work();
  } catch (const Napi::Error &) {
    throw;
  } catch (const std::exception &error) {
    throw toError(env, failureOf(error));
  }
}

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
    } catch (const std::exception &error) {
      failure_ = failureOf(error);
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
