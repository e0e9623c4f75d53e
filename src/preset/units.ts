// The units that a preset may give a number.
export const units = ['ns', 'us', 'ms', 'bytes', 'count', 'none'] as const;

/** What may stand behind an integer: times in ns, sizes in bytes. */
export const scales: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  kB: 1000n,
  MB: 1_000_000n,
  GB: 1_000_000_000n,
  KiB: 1n << 10n,
  MiB: 1n << 20n,
  GiB: 1n << 30n,
};
