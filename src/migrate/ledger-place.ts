/** The names of ledger and log. */
import { qualified } from "../db/identifier.ts";

/** Where the ledger stands. */
export interface LedgerPlace {
  readonly schema: string;
  readonly table: string;
}

export function ledgerName(place: LedgerPlace): string {
  return qualified(place.schema, place.table);
}

export function logName(place: LedgerPlace): string {
  return qualified(place.schema, `${place.table}_log`);
}
