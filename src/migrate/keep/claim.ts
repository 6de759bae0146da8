/** Which migration kept data belong to: files get other numbers and names, and numbers other files. */
import { literal } from "../../db/identifier.ts";
import type { Comparison } from "../plan.ts";
import type { Unclaimed } from "./shape.ts";
import { keptTable } from "./shape.ts";

/** What is known of the migration that kept data come from. */
export interface Origin {
  readonly version: string;
  readonly file: string | null;
  /** Of its up section; null where nobody knows. */
  readonly checksum: string | null;
}

/** A migration that may be it. */
export interface Claimant {
  readonly version: string;
  readonly order: bigint;
  readonly file: string | null;
  readonly checksum: string;
  readonly isPending: boolean;
}

export function claimantsOf({ pending, applied }: Comparison): Claimant[] {
  return [
    ...pending.map((file) => ({ ...file, file: file.name, isPending: true })),
    ...applied.map((row) => ({ ...row, file: row.fileNow?.name ?? row.file, isPending: false })),
  ];
}

/**
 * The migration with that content, under whatever number it waits now; else the one with that number
 * and name, whose content was edited. One that has merely taken the number is another.
 */
export function claimantOf(
  { version, file, checksum }: Origin,
  claimants: readonly Claimant[],
): Claimant | undefined {
  const order = /^[0-9]+$/.test(version) ? BigInt(version) : undefined;
  const own = claimants.find((one) => one.order === order);
  // What an older version has kept, or a person has given to a number, knows no more than that.
  if (checksum === null || own?.checksum === checksum) return own;
  const same = claimants.filter((one) => one.isPending && one.checksum === checksum);
  if (same.length === 1) return same[0];
  if (own?.checksum === "" && own.file === null) return own;
  return own && named(own.file) === named(file) ? own : undefined;
}

function named(file: string | null): string | undefined {
  return file?.replace(/^[0-9]+/, "");
}

/** What to say of data that no migration claims: one entry for each rollback. */
export function tellUnclaimed(
  unclaimed: readonly Unclaimed[],
): { readonly message: string; readonly hint: string }[] {
  const files = [...new Set(unclaimed.map(({ file }) => file))];
  return files.map((file) => {
    const own = unclaimed.filter((one) => one.file === file);
    const what = own.map(({ object, id }) => `${object} in ${keptTable(id)}`).join(", ");
    const ids = own.map(({ id }) => id).join(", ");
    const tables = own.filter(({ id }) => Number(id) > 0).map(({ id }) => keptTable(id));
    const drop = tables.length === 0 ? "" : `drop table ${tables.join(", ")}; `;
    return {
      message: `what the rollback of ${file} has kept (${what}) belongs to no migration that is here: none has its content, nor its version with its name`,
      hint: `to have a migration put it back, give it that version: \`update pgwright.kept_data set version = ${literal("…")}, checksum = null where id in (${ids})\`; to give it up: \`${drop}delete from pgwright.kept_data where id in (${ids});\``,
    };
  });
}
