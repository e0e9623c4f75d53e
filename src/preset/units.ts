// What may stand behind an integer in an expression: times in ns, sizes in bytes.

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
