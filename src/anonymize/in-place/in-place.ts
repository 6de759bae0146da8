/** A restored copy is masked where it stands, and what is left of the originals is scrubbed. */
import { refuseWhenProtected } from "../../database/protection.ts";
import type { Session } from "../../db/session.ts";
import { isPostgresError } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import type { EventListener } from "../../events.ts";
import type { Finding } from "../../findings.ts";
import { type Open, openForCopy } from "../copy/open.ts";
import { applySettings, type MaskingPlan } from "../plan.ts";
import { type InPlacePlan, planInPlace, type Step } from "./plan.ts";
import listResidues from "./residues.sql";

export interface InPlaceRequest {
  readonly open: Open;
  /** The environment of pgwright.yaml that says `protected: true`, where one does. */
  readonly protectedBy: string | undefined;
  /** What `--confirm` says. */
  readonly confirmed: string | undefined;
  planMasking(session: Session): Promise<MaskingPlan>;
  readonly dryRun: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly events: EventListener;
}

export interface InPlaceResult {
  readonly database: string;
  readonly isDryRun: boolean;
  readonly tables: readonly string[];
  readonly seconds: number;
  readonly keyFingerprint: string;
  readonly isKeyEphemeral: boolean;
  readonly rulesHash: string;
  /** What no statement can clear. */
  readonly onlyFreshFiles: readonly string[];
  readonly findings: readonly Finding[];
  readonly sql: readonly string[];
}

/** Beyond what SQL reaches, whatever the database. */
const onlyFreshFiles = [
  "blocks that the file system has freed and not yet written again, and snapshots of the storage",
  "WAL that was written before, in pg_wal (files are renamed and written over in time), in archives and on standbys",
  "base backups and dumps, server logs, and core files",
];

/**
 * Masks every table of the database in one transaction, then scrubs it.
 *
 * @throws PgwrightError `confirmation-needed`, `database-protected`, `in-place-refused`,
 * `masking-refused` (nothing was changed), `in-place-failed` (says what was), `interrupted`.
 */
export async function maskInPlace(request: InPlaceRequest): Promise<InPlaceResult> {
  const startedAt = performance.now();
  const { open, signal, events, dryRun, confirmed } = request;
  await using session = await openForCopy(open, { writes: true, signal });
  const { database } = session.server;
  await refuseWhenProtected(session, "mask it in place");
  if (request.protectedBy !== undefined) {
    throw new PgwrightError(
      "database-protected",
      `refusing to mask in place: the environment \`${request.protectedBy}\` is protected`,
      { hint: "nothing was changed; restore a copy, and name that with --url" },
    );
  }
  if (!dryRun && confirmed !== database) throw unconfirmed(database, confirmed);
  const masking = await request.planMasking(session);
  const plan = await planInPlace(session, masking);
  const residues = await session.query<{ kind: string; name: string }>(listResidues);
  if (!dryRun) {
    await applySettings(session, masking.settings);
    await rewrite(session, plan, events);
    await scrub(session, [...plan.scrub, ...resets(residues)], events);
  }
  return {
    database,
    isDryRun: dryRun,
    tables: plan.tables,
    seconds: Math.round((performance.now() - startedAt) / 10) / 100,
    keyFingerprint: masking.keyFingerprint,
    isKeyEphemeral: masking.isKeyEphemeral,
    rulesHash: masking.rulesHash,
    onlyFreshFiles,
    findings: residues.flatMap(findingOf),
    sql: dryRun
      ? ["BEGIN", ...listSql(plan.rewrite), "COMMIT", ...listSql(plan.scrub)].map(
          (sql) => `${sql};`,
        )
      : [],
  };
}

const listSql = (steps: readonly Step[]) => steps.map(({ sql }) => sql);

function unconfirmed(database: string, confirmed: string | undefined): PgwrightError {
  return new PgwrightError(
    "confirmation-needed",
    confirmed === undefined
      ? `masking in place changes every personal value of \`${database}\` for good`
      : `--confirm says \`${confirmed}\`, but the database is \`${database}\``,
    {
      hint: `nothing was changed; for a copy that may lose its originals: --in-place --confirm ${database}`,
    },
  );
}

async function rewrite(session: Session, plan: InPlacePlan, events: EventListener): Promise<void> {
  if (plan.rewrite.length === 0) return;
  try {
    // Neither triggers nor foreign keys fire row by row; what they would check is checked by `verify`.
    await session.script("set session_replication_role = replica; begin");
    await run(session, plan.rewrite, events);
    await session.script("commit; set session_replication_role = origin");
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    throw failure(error, "nothing was changed: the transaction was rolled back");
  }
}

async function scrub(
  session: Session,
  steps: readonly Step[],
  events: EventListener,
): Promise<void> {
  let done = 0;
  try {
    await run(session, steps, events, () => (done += 1));
  } catch (error) {
    throw failure(
      error,
      `the rows are masked; ${steps[done]?.title ?? "the end"} failed, and what is beside the rows may hold originals until all of this has run:`,
      steps.slice(done).map(({ sql }) => `${sql};`),
    );
  }
}

async function run(
  session: Session,
  steps: readonly Step[],
  events: EventListener,
  onDone: () => void = () => {},
): Promise<void> {
  for (const [done, { title, sql }] of steps.entries()) {
    events({ type: "step-progress", title: "in place", detail: title, done, total: steps.length });
    await session.query(sql);
    onDone();
  }
}

function failure(error: unknown, state: string, left: readonly string[] = []): unknown {
  const next =
    left.length === 0
      ? "put right what the server says, and run the command again"
      : "put right what the server says, then run these statements by hand, in this order";
  if (isPostgresError(error)) {
    const { message, code: sqlstate } = error;
    return new PgwrightError("in-place-failed", message, {
      sqlstate,
      cause: error,
      notes: [state, ...left],
      hint: next,
    });
  }
  if (!(error instanceof PgwrightError)) return error;
  const { code, message, details } = error;
  return new PgwrightError(code, message, {
    ...details,
    notes: [...(details.notes ?? []), state, ...left],
    hint: details.hint ?? next,
  });
}

function resets(residues: readonly { readonly kind: string }[]): Step[] {
  return residues.some(({ kind }) => kind === "statements")
    ? [
        {
          title: "forgetting statements",
          // The extension's schema is not in the path of the masks.
          sql: `DO $$ BEGIN EXECUTE (SELECT format('SELECT %I.pg_stat_statements_reset()', n.nspname)
            FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'); 
            EXCEPTION WHEN object_not_in_prerequisite_state THEN NULL; END $$`,
        },
      ]
    : [];
}

function findingOf({ kind, name }: { kind: string; name: string }): Finding[] {
  const warn = (message: string, hint: string): Finding[] => [
    { rule: `in-place/${kind}`, severity: "warning", message, hint },
  ];
  switch (kind) {
    case "large-objects":
      return warn(
        `${name} large objects are as they were: nothing says what is in them`,
        "SELECT lo_unlink(oid) FROM pg_largeobject_metadata, then VACUUM FULL pg_largeobject",
      );
    case "slot":
      return warn(
        `the replication slot ${name} keeps WAL with originals`,
        `SELECT pg_drop_replication_slot('${name}')`,
      );
    case "standby":
      return warn(
        `the standby ${name} has received the originals in its WAL`,
        "make it anew from this server",
      );
    case "archive":
      return warn(
        "WAL is archived: the archive holds the originals",
        "remove what was archived before now",
      );
    case "log":
      return warn(
        `statements are logged (log_min_duration_statement, log_statement: ${name})`,
        "the server's log may hold values of earlier statements: remove its files",
      );
    default:
      return [];
  }
}
