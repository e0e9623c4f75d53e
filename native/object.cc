#include "object.h"

#include "errors.h"

bpf_object *openBundled(const std::string &path) {
  const LibbpfLog log;
  bpf_object *object = bpf_object__open_file(path.c_str(), nullptr);
  if (libbpf_get_error(object) != 0) throw Failure("open object", path, static_cast<int>(-libbpf_get_error(object)), log.text());
  return object;
}

bpf_object *openObject(const std::string &name, const std::vector<uint8_t> &bytes) {
  const LibbpfLog log;
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = name.c_str());
  bpf_object *object = bpf_object__open_mem(bytes.data(), bytes.size(), &options);
  const long error = libbpf_get_error(object);
  if (error != 0) throw Failure("open object", name, static_cast<int>(-error), log.text());
  return object;
}
