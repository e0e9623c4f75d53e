// Why a view cannot run here, as short as there is room for it: what stands beside the view's name need not say which view. Pure.

export const withoutView = (reason: string): string =>
  reason.replace(/^view '[^']*'(?: cannot run here)?: (none of its alternatives can be attached; )?/, '');

/** The cause without the probes that it is the cause of, for lists. */
export const causeOnly = (reason: string): string => withoutView(reason).replace(/^(?:[^\s:]+:[^\s,]+(?:, |: ))+(?=\S)/, '');
