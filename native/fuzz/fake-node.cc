// The functions of Node's that describing types calls: texts are read to their ends, and everything is forgotten.
#include <node_api.h>

#include <cstring>

#define FAKE extern "C" napi_status

namespace {

uint32_t length = 0;
unsigned long read = 0;

napi_status nothing(napi_value *result) {
  *result = reinterpret_cast<napi_value>(&read);
  return napi_ok;
}

}  // namespace

FAKE napi_create_object(napi_env, napi_value *result) { return nothing(result); }
FAKE napi_create_array(napi_env, napi_value *result) { return nothing(result); }
FAKE napi_create_array_with_length(napi_env, size_t, napi_value *result) { return nothing(result); }
FAKE napi_create_double(napi_env, double, napi_value *result) { return nothing(result); }
FAKE napi_get_boolean(napi_env, bool, napi_value *result) { return nothing(result); }
FAKE napi_create_string_utf8(napi_env, const char *text, size_t size, napi_value *result) {
  read += size == NAPI_AUTO_LENGTH ? strlen(text) : strnlen(text, size);
  return nothing(result);
}
FAKE napi_set_named_property(napi_env, napi_value, const char *name, napi_value) {
  read += strlen(name);
  return napi_ok;
}
FAKE napi_set_property(napi_env, napi_value, napi_value, napi_value) { return napi_ok; }
FAKE napi_set_element(napi_env, napi_value, uint32_t index, napi_value) {
  length = index + 1;
  return napi_ok;
}
FAKE napi_get_element(napi_env, napi_value, uint32_t, napi_value *result) { return nothing(result); }
FAKE napi_get_array_length(napi_env, napi_value, uint32_t *result) {
  *result = length;
  return napi_ok;
}
