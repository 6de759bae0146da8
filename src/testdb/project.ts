/** The project that test databases are made from: what its template holds, and how it is built. */
import { hostname } from "node:os";
import { relative } from "node:path";
import type { Settings } from "../config/schema.ts";
import type { Session } from "../db/session.ts";
import type { EventListener } from "../events.ts";
import { PgwrightError } from "../errors.ts";
import { freshRightsHint } from "../migrate/fresh-rights.ts";
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

/**
 * Migrations and policies, as `pgwright setup` applies them, and with a scale seeds as well.
 *
 * @param directory the one that messages about seed files are seen from.
 */
export function projectSource(
  settings: Settings,
  directory: string,
  seedScale: number | undefined,
): TemplateSource {
  const { migrations, policies, seeds } = settings;
  const { schema, table, role } = migrations;
  return {
    content: {
      directories: [
        migrations.directory,
        policies.directory,
        ...(seedScale === undefined ? [] : [seeds.directory]),
      ],
      files: [],
      settings: { schema, table, role, seedScale: seedScale?.toString() },
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
      const { directory: files } = migrations;
      const applied = migrate({
        ...options,
        directory: files,
        outOfOrder: false,
        allowNewer: false,
      });
      await applied.catch((error: unknown) => {
        const hint =
          error instanceof PgwrightError && freshRightsHint(options, error.details.sqlstate);
        throw hint
          ? new PgwrightError(error.code, error.message, { ...error.details, hint })
          : error;
      });
      await applyPolicies({
        ...options,
        policiesDirectory: policies.directory,
        openMaintenance: () => open({ writes: true, direct: true, database: "postgres" }),
        prune: false,
      });
      if (seedScale !== undefined) await fillTables(open, settings, directory, seedScale, events);
    },
  };
}

/** Loaded only here: the words that data are made of take their time. */
async function fillTables(
  open: OpenDraft,
  settings: Settings,
  directory: string,
  scale: number,
  events: EventListener,
): Promise<void> {
  const { readSeeds } = await import("../seed/read.ts");
  const { usualRows } = await import("../seed/request.ts");
  const { seed } = await import("../seed/seed.ts");
  const { mustReadPartitions } = await import("../policies/partitions/choose.ts");
  const chosen = { seed: undefined, scale, asOf: undefined };
  const read = await readSeeds(settings.seeds.directory, chosen, directory);
  if (read.reference.length === 0 && Object.keys(read.request.tables).length === 0) {
    const shown = relative(directory, settings.seeds.directory) || settings.seeds.directory;
    const message = `no file of ${shown} says what tables are filled with: each that is empty gets ${usualRows} rows, times the scale`;
    events({ type: "notice", level: "warning", message });
  }
  const { schema, table, role } = settings.migrations;
  await using session = await open({ writes: true, direct: true });
  await seed(session, {
    ...read,
    ledger: { schema, table },
    role,
    isProtected: false,
    partitions: await mustReadPartitions(settings.policies.directory),
    tables: [],
    append: false,
    truncate: false,
    allowDataLoss: false,
    dryRun: false,
    lockTimeoutMs: settings.lock_timeout,
    events,
  });
  // Copies inherit what the planner knows of the rows.
  await session.query("ANALYZE");
}
