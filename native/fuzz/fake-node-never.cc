// Functions of Node's that are linked and never called here. Apart from fake-node.cc, for they have not their own types.
#include <cstdlib>

#define NEVER(name) \
  extern "C" int name() { abort(); }

NEVER(napi_close_escapable_handle_scope)
NEVER(napi_create_error)
NEVER(napi_create_reference)
NEVER(napi_create_type_error)
NEVER(napi_define_properties)
NEVER(napi_delete_reference)
NEVER(napi_escape_handle)
NEVER(napi_fatal_error)
NEVER(napi_get_and_clear_last_exception)
NEVER(napi_get_last_error_info)
NEVER(napi_get_named_property)
NEVER(napi_get_reference_value)
NEVER(napi_get_value_string_utf8)
NEVER(napi_is_exception_pending)
NEVER(napi_open_escapable_handle_scope)
