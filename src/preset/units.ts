// The units that a preset may give a number.
export const units = ['ns', 'us', 'ms', 'bytes', 'count', 'none'] as const;
