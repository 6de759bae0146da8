/** Of several runs with one target, one writes. */
import { isDeepStrictEqual } from "node:util";
import { lockKey } from "../../db/lock.ts";
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import { type Marker, readMarker } from "./marker.ts";

/**
 * Locks others out until the session ends, and looks whether the target is still as it was when this
 * run decided how to begin: what another run has filled meanwhile would be filled a second time, or
 * be dropped.
 *
 * @throws PgwrightError `copy-refused` when another run fills, or has filled, the same target.
 */
export async function becomeTheOnlyWriter(
  session: Session,
  expected: Marker | undefined,
): Promise<void> {
  const { isOnly } = await session.one<{ isOnly: boolean }>(
    `select pg_try_advisory_lock(${lockKey("anonymize run")}) as "isOnly"`,
  );
  const hint = "this run wrote nothing";
  if (!isOnly) {
    throw new PgwrightError("copy-refused", "another run is filling this target", {
      hint: `${hint}; wait for the other one to end`,
    });
  }
  if (isDeepStrictEqual(await readMarker(session), expected)) return;
  throw new PgwrightError("copy-refused", "another run has written to this target meanwhile", {
    hint: `${hint}; look at what the other run says, and run this again where that one failed`,
  });
}
