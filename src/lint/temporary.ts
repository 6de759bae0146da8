/** Tables, views and sequences of the session, which no other one can reach whatever it is granted. */
import type { Tree } from "../db/script.ts";

/** True for a name that is one of the session's: where the file made it, its schema has been filled in. */
export function isTemporary({ schemaname }: Tree.RangeVar): boolean {
  return schemaname === "pg_temp";
}
