/** `migrate --dry-run --output` and `migrate --plan`: what was reviewed is what runs. */
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import { diffLines } from "../../schema/line-diff.ts";
import { readMigrations } from "../file.ts";
import type { Ledger } from "../ledger.ts";
import { readLedger } from "../ledger.ts";
import type { MigrateOptions, MigrateResult } from "../migrate.ts";
import { migrateWith, rehearseUp } from "../migrate.ts";
import { withMigrator } from "../migrator.ts";
import type { Migrator } from "../migrator.ts";
import { namingServerErrors } from "../server-error.ts";
import { hashPlan, planFormat, readPlan, writePlan } from "./plan-file.ts";
import type { PlanPlace } from "./plan-file.ts";
import type { Plan } from "./schema.ts";
import { describeChanges, readState } from "./state.ts";

export interface ReviewedOptions extends MigrateOptions {
  readonly policiesDirectory: string;
}

/** A dry run whose plan was written to a file. */
export interface PlannedResult extends MigrateResult {
  readonly plan: { readonly path: string; readonly hash: string };
}

/**
 * Makes a plan and writes it to a file; the database is only read.
 *
 * @throws PgwrightError as a dry run of `migrate`; `dump-unsupported`, `file-exists`,
 *   `file-unwritable`.
 */
export async function writeReviewPlan(
  place: PlanPlace,
  options: ReviewedOptions,
  now: Date,
): Promise<PlannedResult> {
  const { plan, result } = await namingServerErrors(async () => {
    await using session = await options.open({ writes: false, direct: true });
    return await makePlan(session, options, now);
  });
  await writePlan(place, plan);
  return { ...result, plan: { path: place.shown, hash: plan.hash } };
}

async function makePlan(session: Session, options: ReviewedOptions, now: Date) {
  const ledger = await readLedger(session, options.ledger);
  // First: what changes while the SQL is made is a change since the plan was made.
  const state = await readState(session, ledger, options);
  const result = await rehearseUp(session, options, ledger);
  const { to, steps, outOfOrder, allowNewer, online } = options;
  const content = {
    format: planFormat,
    madeAt: now.toISOString(),
    madeOn: options.author,
    database: state.database,
    session: state.session,
    options: {
      to: to ?? null,
      steps: steps ?? null,
      outOfOrder,
      allowNewer,
      ...(online ? { online } : {}),
    },
    files: await checksumsOf(options.directory, result.notAttempted),
    applied: state.applied,
    policies: state.policies,
    schema: state.schema,
    sql: linesOf(result),
  };
  const { format, ...rest } = content;
  const plan: Plan = { format, hash: hashPlan(content), ...rest };
  return { plan, result };
}

/**
 * Runs a plan. Before the lock is taken, and once more under it, everything that the plan was made
 * from is compared with what is there now.
 *
 * @throws PgwrightError `plan-unreadable`, `plan-edited`, `plan-stale`, and as `migrate`.
 */
export async function runReviewPlan(
  place: PlanPlace,
  approved: string | undefined,
  options: Omit<ReviewedOptions, "to" | "steps" | "outOfOrder" | "allowNewer" | "online">,
): Promise<MigrateResult> {
  const plan = await readPlan(place, options.signal);
  refuseOtherHash(plan, place.shown, approved);
  const planned = plan.options;
  const asPlanned: ReviewedOptions = {
    ...options,
    outOfOrder: planned.outOfOrder,
    allowNewer: planned.allowNewer,
    online: planned.online,
    to: planned.to ?? undefined,
    steps: planned.steps ?? undefined,
  };
  const before = await namingServerErrors(async () => {
    await using session = await options.open({ writes: false, direct: true });
    const ledger = await readLedger(session, options.ledger);
    await refuseStale(session, plan, asPlanned, ledger);
    return ledger;
  });
  return withMigrator(asPlanned, async (migrator) => {
    refusePooled(migrator);
    await refuseChangedSince(migrator, plan, asPlanned, before);
    return migrateWith(migrator, asPlanned);
  });
}

/** Whoever approved a plan has approved its hash; the file may have been replaced by another plan. */
function refuseOtherHash({ hash }: Plan, shown: string, approved: string | undefined): void {
  if (approved === undefined || hash === approved) return;
  throw new PgwrightError("plan-edited", `\`${shown}\` is not the plan with hash ${approved}`, {
    notes: [`its hash is ${hash}`, "nothing was run"],
    hint: "have this plan reviewed, or bring the one that was",
  });
}

async function refuseStale(
  session: Session,
  plan: Plan,
  options: ReviewedOptions,
  ledger: Ledger,
): Promise<void> {
  const { toolVersion } = options.author;
  const changes = await listChanges(session, plan, options, ledger);
  if (plan.madeOn.toolVersion !== toolVersion) {
    changes.push(`pgwright ${plan.madeOn.toolVersion} made it, and this is ${toolVersion}`);
  }
  if (changes.length > 0) throw stale(plan, changes);
  // Host and version stand in the SQL that writes the log: here as the plan has them.
  const asMade = { ...options, author: plan.madeOn, events: () => {} };
  const again = await rehearseUp(session, asMade, ledger);
  const planned = plan.files.map(({ file }) => file);
  const others = [
    ...again.notAttempted
      .filter((file) => !planned.includes(file))
      .map((file) => `${file} would run too`),
    ...planned
      .filter((file) => !again.notAttempted.includes(file))
      .map((file) => `${file} would not run`),
  ];
  if (others.length > 0) throw stale(plan, others);
  const { lines } = diffLines(textOf(plan.sql), textOf(linesOf(again)), 0);
  if (lines.length > 0) throw stale(plan, ["other SQL would run:", ...lines.slice(0, shownLines)]);
}

async function listChanges(
  session: Session,
  plan: Plan,
  options: ReviewedOptions,
  ledger: Ledger,
): Promise<string[]> {
  const now = await readState(session, ledger, options);
  const names = plan.files.map(({ file }) => file);
  const files = new Map(
    (await checksumsOf(options.directory, names)).map(({ file, checksum }) => [file, checksum]),
  );
  return [
    ...describeChanges(plan, now, options),
    ...plan.files
      .filter(({ file, checksum }) => files.get(file) !== checksum)
      .map(({ file }) => `${file} ${files.has(file) ? "has changed" : "is gone or has mistakes"}`),
  ];
}

/** Between the look before and the lock, another migrator may have been at work. */
async function refuseChangedSince(
  { session }: Migrator,
  plan: Plan,
  options: ReviewedOptions,
  before: Ledger,
): Promise<void> {
  const ledger = await readLedger(session, options.ledger);
  const begun = ({ journals }: Ledger) =>
    JSON.stringify(journals.map((journal) => ({ ...journal, order: undefined })));
  const changes = await listChanges(session, plan, options, ledger);
  if (begun(ledger) !== begun(before)) changes.push("another run was at work meanwhile");
  if (changes.length > 0) throw stale(plan, changes);
}

/**
 * @throws PgwrightError `pooler-refused`: there, other settings stand around the statements than
 *   those that were printed.
 */
function refusePooled({ isPooled }: Migrator): void {
  if (!isPooled) return;
  throw new PgwrightError(
    "pooler-refused",
    "a plan cannot run through a transaction pooler, where other settings stand around its statements",
    {
      notes: ["nothing was run"],
      hint: "name the server itself with --direct-url, PGWRIGHT_DIRECT_URL or `direct_url` in pgwright.yaml",
    },
  );
}

/** The checksums of those of the files that are there. */
async function checksumsOf(directory: string, names: readonly string[]): Promise<Plan["files"]> {
  const { migrations, repeatables } = await readMigrations(directory);
  const all = [...migrations, ...repeatables];
  return names.flatMap((name) => {
    const found = all.find((file) => file.name === name);
    return found ? [{ file: name, checksum: found.checksum }] : [];
  });
}

function linesOf({ sql = "" }: MigrateResult): string[] {
  return sql.replace(/\n$/, "").split("\n");
}

function textOf(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}

const shownLines = 20;
const shownChanges = 20;

function stale({ madeAt }: Plan, changes: readonly string[]): PgwrightError {
  const more = changes.length - shownChanges;
  return new PgwrightError("plan-stale", "the plan no longer fits", {
    notes: [
      ...changes.slice(0, shownChanges),
      ...(more > 0 ? [`… and ${more} changes more`] : []),
      `since the plan was made at ${madeAt}; nothing was run`,
    ],
    hint: "make it again with `pgwright migrate --dry-run --output plan.json`, and have the new one reviewed",
  });
}
