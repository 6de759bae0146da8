/** Options of relations (`WITH (…)`) and of foreign objects (`OPTIONS (…)`). */
import { ident, literal } from "../db/identifier.ts";

export type ForeignOption = readonly [name: string, value: string | null];

/** `OPTIONS (a 'b')`, or nothing. */
export function foreignOptions(options: readonly ForeignOption[]): string {
  return options.length === 0
    ? ""
    : `OPTIONS (${options.map(([name, value]) => `${ident(name)} ${literal(value ?? "")}`).join(", ")})`;
}

/** `fillfactor = 70, toast.autovacuum_enabled = false` from `name=value` texts, by name. */
export function storageOptions(options: readonly string[], prefix = ""): string[] {
  return options.toSorted().map((option) => {
    const at = option.indexOf("=");
    const value = option.slice(at + 1);
    const isBare = /^-?[0-9]+(\.[0-9]+)?$/.test(value) || /^(true|false|on|off|auto)$/.test(value);
    return `${prefix}${ident(option.slice(0, at))} = ${isBare ? value : literal(value)}`;
  });
}
