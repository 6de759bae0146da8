/** Ages of snapshots: `30min`, `2h`, `90d`. Longer ones than a duration of PostgreSQL's settings may be. */

const units = { min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds; undefined for what is no age. */
export function parseAge(text: string): number | undefined {
  const [, amount, unit] = /^([0-9]{1,6})(min|h|d)$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * units[unit as keyof typeof units];
}
