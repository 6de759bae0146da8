/** What `pgwright.kept_data` says of the migration that data come from. */
import { literal } from "../../db/identifier.ts";
import type { Kept } from "./shape.ts";

/** The migration whose rollback keeps. */
export interface KeptFrom {
  /** The ledger's table as SQL. */
  readonly ledger: string;
  readonly version: string;
  readonly file: string;
  /** Of its up section as it was applied; null where nobody has recorded it. */
  readonly checksum: string | null;
}

export const originColumns = "ledger, version, file, checksum";

/** Of these columns. */
export function originValues({ ledger, version, file, checksum }: KeptFrom): string {
  return [ledger, version, file, checksum].map(literal).join(", ");
}

/** True for a row of the list that this migration's rollback has written, and nothing has put back. */
export function isFrom({ ledger, version, checksum }: KeptFrom): string {
  return `version = ${literal(version)} and ledger = ${literal(ledger)} and checksum is not distinct from ${literal(checksum)} and restored_at is null`;
}

/** A migration that was given another number keeps its data under that, once it is applied and they are left. */
export function renameSql(kept: readonly Kept[]): string[] {
  return kept
    .filter(({ version, from }) => version !== from)
    .map(
      ({ id, version, claimedBy }) =>
        `update pgwright.kept_data set version = ${literal(version)}, file = ${literal(claimedBy)} where id = ${id}`,
    );
}
