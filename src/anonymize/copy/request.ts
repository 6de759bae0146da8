/** What a copy is asked for with. */
import type { EventListener } from "../../events.ts";
import type { Session } from "../../db/session.ts";
import type { Ledger } from "../ledger.ts";
import type { MaskingPlan } from "../plan.ts";
import type { SubsetRequest } from "../subset/root.ts";
import type { Verification } from "../verify/verify.ts";
import type { Open } from "./open.ts";
import type { Source } from "./source.ts";

/** What a copy is made of, wherever it goes. */
export interface ReadRequest {
  readonly openSource: Open;
  /** Judges the source's columns; refuses where one has no rule. */
  planMasking(session: Session): Promise<MaskingPlan>;
  readonly ledger: Ledger | undefined;
  readonly omitOwners: boolean;
  readonly omitGrants: boolean;
  /** Only these rows, and what they hang on. */
  readonly subset?: SubsetRequest | undefined;
  readonly jobs: number;
  /** Bytes of a heap that one COPY reads at most, instead of what suits the tables. */
  readonly unitBytes?: number | undefined;
  readonly dryRun: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly events: EventListener;
}

export interface CopyRequest extends ReadRequest {
  readonly openTarget: Open;
  /** The target's database, as its URL names it. */
  readonly targetDatabase: string;
  /** A target's database that may be dropped for the new copy. */
  readonly replace: string | undefined;
  /** Holds the complete copy against the snapshot that it was made from. */
  prove?(source: Source): Promise<Verification>;
}
