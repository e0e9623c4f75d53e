// Session of contract.ts: what JavaScript holds of one, and how it is opened.
#pragma once
#include <napi.h>

/** Once, for each JavaScript thread. */
void defineSession(Napi::Env env);

/** Each gives a promise of a Session. */
Napi::Value openSession(const Napi::CallbackInfo &info);
Napi::Value openObjectSession(const Napi::CallbackInfo &info);
Napi::Value openMapSession(const Napi::CallbackInfo &info);
Napi::Value openProgramsSession(const Napi::CallbackInfo &info);
