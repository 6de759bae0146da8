/** What a check is and what it is given. */
import type { Finding } from "../findings.ts";
import type { ServerInfo, Session } from "../db/session.ts";
import type { Facts } from "./facts.ts";
import type { Limits } from "./limits.ts";
import type { Setting } from "./settings.ts";

export interface CheckContext {
  readonly server: ServerInfo;
  readonly facts: Facts;
  /** Every setting as this session began with it, by name. */
  readonly settings: ReadonlyMap<string, Setting>;
  readonly limits: Limits;
  /** Owner of what migrations create; undefined is the connected role. */
  readonly migrationsRole: string | undefined;
  readonly ledgerSchema: string;
}

/** One thing that is looked at: a file of its own in `checks/`, and a line in their list. */
export interface Check {
  /** What was looked at, in a few words: "invalid indexes". */
  readonly title: string;
  /**
   * Looks and reports. It runs in a read-only transaction with short timeouts, in which only
   * pg_catalog is searched; a PostgresError it lets through becomes a finding by itself.
   */
  look(session: Session, context: CheckContext): Promise<readonly Finding[]> | readonly Finding[];
}
