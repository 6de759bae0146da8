/** PostgreSQL's table locks, from the weakest to the strongest, and whom each of them stops. */

export const lockModes = [
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
] as const;

export type LockMode = (typeof lockModes)[number];

/** The stronger of two. They are ordered as PostgreSQL numbers them; each one conflicts with itself from SHARE UPDATE EXCLUSIVE on. */
export function stronger(a: LockMode, b: LockMode): LockMode {
  return lockModes.indexOf(a) >= lockModes.indexOf(b) ? a : b;
}

export function isAtLeast(mode: LockMode, least: LockMode): boolean {
  return lockModes.indexOf(mode) >= lockModes.indexOf(least);
}

/** What other sessions cannot do to the table meanwhile: "reads and writes". */
export function blockedBy(mode: LockMode): "reads and writes" | "writes" | undefined {
  if (mode === "ACCESS EXCLUSIVE") return "reads and writes";
  return isAtLeast(mode, "SHARE") ? "writes" : undefined;
}
