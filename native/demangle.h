// C++ (and old Rust) symbol names as they were written.
#pragma once
#include <string>

/** The name as it stands where it is not mangled, or cannot be demangled within bounds. */
std::string demangle(const std::string &name);
