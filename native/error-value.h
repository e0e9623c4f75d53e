// A failure as JavaScript has it: the contract's NativeError. Apart, so that what only reads files needs nothing of Node's.
#pragma once
#include <napi.h>

#include "errors.h"

Napi::Error toError(Napi::Env env, const Failure &failure);
