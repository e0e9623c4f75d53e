// Which container a cgroup is, by the names that container engines give their cgroups. Pure.

/** `\x2d` and the like, as systemd writes them in names of units. */
const unescaped = (name: string): string =>
  name.replace(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/** What is known by a name of its own; the first group is it. */
const named: readonly RegExp[] = [
  /^lxc\.payload\.(.+)$/, // LXC 4, Incus, LXD
  /^systemd-nspawn@(.+)\.service$/,
  /^machine-(.+)\.scope$/, // systemd-machined: nspawn and virtual machines
];
/** docker-ID.scope, libpod-ID.scope, cri-containerd-ID.scope, crio-ID.scope, ID: docker, podman, containerd, CRI-O, Kubernetes. */
const numbered = /^(?:[a-z][a-z0-9_.:-]*[-:])?([0-9a-f]{64})(?:\.scope)?$/;
/** Engines' own processes beside a container. */
const monitor = /(^|-)conmon-/;

/** Name, or the first 12 digits of the id; undefined: no container. */
export function containerOf(cgroup: string): string | undefined {
  const parts = cgroup.split('/');
  // the innermost: a container in a container
  for (let i = parts.length - 1; i >= 0; i--) {
    const part = unescaped(parts[i] ?? '');
    if (monitor.test(part)) return undefined;
    const id = numbered.exec(part)?.[1];
    if (id !== undefined) return id.slice(0, 12);
    for (const pattern of named) {
      const name = pattern.exec(part)?.[1];
      if (name !== undefined) return name;
    }
    if (parts[i - 1] === 'lxc' && part !== '') return part; // LXC 3
  }
  return undefined;
}
