#include "error-value.h"

Napi::Error toError(Napi::Env env, const Failure &failure) {
  Napi::Error error = Napi::Error::New(env, failure.what());
  error.Set("operation", Napi::String::New(env, failure.operation));
  error.Set("target", Napi::String::New(env, failure.target));
  error.Set("code", Napi::String::New(env, errnoName(failure.error)));
  error.Set("log", Napi::String::New(env, failure.log));
  return error;
}
