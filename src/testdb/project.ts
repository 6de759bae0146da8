/** The project that test databases are made from: what its template holds, and how it is built. */
import { hostname } from "node:os";
import type { Settings } from "../config/schema.ts";
import type { Session } from "../db/session.ts";
import type { EventListener } from "../events.ts";
import { migrate } from "../migrate/migrate.ts";
import { applyPolicies } from "../policies/apply.ts";
import { loadKeeper } from "../policies/keeper.ts";
import { version } from "../version.ts";
import type { TemplateContent } from "./content.ts";

/** Opens one more connection to the database that is filled, or to another one of its server. */
export type OpenDraft = (need: {
  readonly writes: boolean;
  readonly direct?: boolean;
  readonly database?: string;
}) => Promise<Session>;

export interface TemplateSource {
  readonly content: TemplateContent;
  /** Fills an empty database. */
  fill(open: OpenDraft, how: FillOptions): Promise<void>;
}

export interface FillOptions {
  readonly events: EventListener;
  readonly signal?: AbortSignal | undefined;
}

/** Migrations and policies, as `pgwright setup` applies them. */
export function projectSource(settings: Settings): TemplateSource {
  const { migrations, policies } = settings;
  const { schema, table, role, directory } = migrations;
  return {
    content: {
      directories: [directory, policies.directory],
      files: [],
      settings: { schema, table, role },
    },
    async fill(open, { events, signal }) {
      const place = { ownerRole: role, ledger: { schema, table } };
      const options = {
        open,
        ledger: { schema, table },
        role,
        isProtected: false,
        lockTimeoutMs: settings.lock_timeout,
        lockBudgetMs: settings.lock_budget,
        lockWaitMs: settings.lock_budget,
        statementTimeoutMs: settings.statement_timeout,
        author: { host: hostname(), toolVersion: version },
        loadKeeper: (listener: EventListener) => loadKeeper(policies.directory, place, listener),
        events,
        signal,
        dryRun: false,
      };
      await migrate({ ...options, directory, outOfOrder: false, allowNewer: false });
      await applyPolicies({
        ...options,
        policiesDirectory: policies.directory,
        openMaintenance: () => open({ writes: true, direct: true, database: "postgres" }),
        prune: false,
      });
    },
  };
}
