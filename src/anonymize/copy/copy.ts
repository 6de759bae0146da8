/** A masked copy of a database in another one. */
import { availableParallelism } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { lockKey } from "../../db/lock.ts";
import { PgwrightError } from "../../errors.ts";
import type { EventListener } from "../../events.ts";
import type { Finding } from "../../findings.ts";
import { isPostgresError, type Session } from "../../db/session.ts";
import type { Ledger } from "../ledger.ts";
import type { MaskingPlan } from "../plan.ts";
import type { SubsetRequest } from "../subset/root.ts";
import { openDatabaseCarrier } from "./database-carrier.ts";
import {
  analyze,
  compareCounts,
  makePieces,
  planEnding,
  runEnding,
  withDumpSettings,
} from "./finish.ts";
import {
  type Marker,
  markComplete,
  phaseSql,
  readDoneParts,
  readMarker,
  writeMarker,
} from "./marker.ts";
import { type Open, openForCopy } from "./open.ts";
import { type CopiedTable, Pace } from "./pace.ts";
import { type CatalogText, hashOf, openSource, type Source } from "./source.ts";
import { readStatement, writeStatement } from "./table.ts";
import { type Beginning, inspectTarget, replaceTarget } from "./target.ts";
import { transfer } from "./transfer.ts";
import type { Unit } from "./unit.ts";
import type { Verification } from "../verify/verify.ts";
import { planWork } from "./work.ts";

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

export interface CopyResult {
  /** The target's database, or the directory. */
  readonly target: string;
  readonly isDryRun: boolean;
  /** `resume`: an unfinished run was gone on with; `replace`: an earlier copy was dropped. */
  readonly beginning: Beginning["kind"];
  readonly tables: readonly CopiedTable[];
  readonly rows: number;
  readonly bytes: number;
  /** Of the copy alone; the proof takes its own time. */
  readonly seconds: number;
  readonly proofSeconds?: number | undefined;
  /** Texts of the schema that are copied as they are and may hold data. */
  readonly texts: readonly CatalogText[];
  readonly findings: readonly Finding[];
  /** Sixteen hex digits that tell keys apart. */
  readonly keyFingerprint: string;
  /** Nobody can repeat the masks: the key is gone with the run. */
  readonly isKeyEphemeral: boolean;
  /** SHA-256 of policies/masking.yaml, and of the schema as it was made in the target. */
  readonly rulesHash: string;
  readonly schemaHash: string;
  /** What became of the proof; undefined where there was none, as with files. */
  readonly proof?: Verification | undefined;
  /** With `dryRun`: what would be run, in order. */
  readonly sql: readonly string[];
}

/** Workers, unless told otherwise: more than four find the server's disk, not its processors. */
export function usualJobs(): number {
  return Math.min(availableParallelism(), 4);
}

/**
 * Copies everything, masked by the source's own SELECT, so that no original reaches the target: not
 * its disk, its WAL, nor its statistics. Until the last statement the target is marked incomplete.
 *
 * @throws PgwrightError `copy-refused` (nothing was written), `copy-failed`, `connection-lost` and
 * `interrupted` (the target is marked incomplete), and those of connecting.
 */
export async function copyDatabase(request: CopyRequest): Promise<CopyResult> {
  const startedAt = performance.now();
  await using source = await openSource({ ...request, open: request.openSource });
  const { units, findings } = await planWork(source, request);
  const mark = {
    identity: source.identity,
    planHash: hashOf(
      source.schema.fingerprint,
      source.plan,
      units.map(({ id, where }) => [id, where]),
    ),
  };
  const target = { ...request, open: request.openTarget, database: request.targetDatabase };
  const beginning = await inspectTarget(source, mark, target);
  const pace = new Pace(source.tables, units, request.events);
  if (!request.dryRun) {
    if (beginning.kind === "replace") await replaceTarget(target, beginning.why);
    await markingFailures(target.database, () =>
      fill({
        source,
        units,
        pace,
        request,
        mark,
        marker: beginning.kind === "resume" ? beginning.marker : undefined,
      }),
    );
  }
  const seconds = secondsSince(startedAt);
  const proofStartedAt = performance.now();
  const proof = request.dryRun ? undefined : await request.prove?.(source);
  return resultOf(source, {
    proof,
    seconds,
    ...(proof && { proofSeconds: secondsSince(proofStartedAt) }),
    target: request.targetDatabase,
    beginning: beginning.kind,
    tables: request.dryRun ? estimates(source) : pace.report(),
    sql: request.dryRun ? await listSql(source, units) : [],
    isDryRun: request.dryRun,
    findings,
  });
}

/** Since a `performance.now()`, to hundredths. */
export function secondsSince(startedAt: number): number {
  return Math.round((performance.now() - startedAt) / 10) / 100;
}

/** What a run reports. */
export function resultOf(
  source: Source,
  rest: Pick<
    CopyResult,
    | "target"
    | "beginning"
    | "tables"
    | "seconds"
    | "sql"
    | "isDryRun"
    | "findings"
    | "proof"
    | "proofSeconds"
  >,
): CopyResult {
  return {
    ...rest,
    rows: rest.tables.reduce((sum, { rows }) => sum + rows, 0),
    bytes: rest.tables.reduce((sum, { bytes }) => sum + bytes, 0),
    texts: source.texts,
    findings: [...source.findings, ...rest.findings, ...(rest.proof?.findings ?? [])],
    keyFingerprint: source.plan.keyFingerprint,
    isKeyEphemeral: source.plan.isKeyEphemeral,
    rulesHash: source.plan.rulesHash,
    schemaHash: source.schema.fingerprint,
  };
}

interface Filling {
  readonly source: Source;
  readonly units: readonly Unit[];
  readonly pace: Pace;
  readonly request: CopyRequest;
  readonly mark: { readonly identity: Source["identity"]; readonly planHash: string };
  readonly marker: Marker | undefined;
}

async function fill({ source, units, pace, request, mark, marker }: Filling): Promise<void> {
  const { events, signal, openTarget } = request;
  await using session = await openForCopy(openTarget, { writes: true, signal });
  await becomeTheOnlyWriter(session, marker);
  if (marker === undefined) {
    await writeMarker(session, mark);
    events({ type: "step-progress", title: "tables and types" });
    await withDumpSettings(session, async () => {
      await session.script("begin");
      await makePieces(session, source.schema.before);
      await session.script(`${phaseSql("rows")}; commit`);
    });
  }
  const done = new Map((await readDoneParts(session)).map((part) => [part.unit, part]));
  for (const unit of units) {
    const part = done.get(unit.id);
    if (part !== undefined) pace.resume(unit, part);
  }
  const ending = await planEnding(source);
  const isPastRows = marker?.phase === "objects";
  if (!isPastRows) {
    const left = units.filter((unit) => !done.has(unit.id));
    await transfer({
      ...request,
      source,
      units: left,
      pace,
      openCarrier: (signal) => openDatabaseCarrier(openTarget, signal),
    });
    await compareCounts(session, source.tables, pace.report());
    await session.script(phaseSql("objects"));
  }
  await runEnding(session, ending, isPastRows ? marker.piecesDone : 0, events);
  events({ type: "step-progress", title: "gathering statistics" });
  await analyze(session);
  await markComplete(session);
}

/**
 * Locks others out, and looks whether the target is still as it was when this run decided how to
 * begin: what another run has filled meanwhile would be filled a second time.
 *
 * @throws PgwrightError `copy-refused` when another run fills, or has filled, the same target.
 */
async function becomeTheOnlyWriter(session: Session, expected: Marker | undefined): Promise<void> {
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

/** Every failure after the first write says in what state the target is. */
async function markingFailures(database: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const known = isPostgresError(error)
      ? new PgwrightError("copy-failed", error.message, { sqlstate: error.code })
      : error;
    if (!(known instanceof PgwrightError) || known.code === "copy-refused") throw error;
    const { code, message, details } = known;
    throw new PgwrightError(code, message, {
      ...details,
      notes: [
        ...(details.notes ?? []),
        `the target \`${database}\` is incomplete and marked so; the source was only read`,
      ],
      hint:
        details.hint ??
        "the same command goes on where the source has not moved, else it starts again",
    });
  }
}

/** What a dry run knows: the server's own estimates. */
export function estimates({ tables }: Source): CopiedTable[] {
  return tables.map(({ id, rows, bytes, masking }) => ({
    table: id,
    rows,
    bytes,
    seconds: 0,
    masked: masking.columns.flatMap((column) =>
      column.expression === undefined ? [] : column.name,
    ),
  }));
}

async function listSql(source: Source, units: readonly Unit[]): Promise<string[]> {
  const statements = ({ statements }: { statements: readonly string[] }) =>
    statements.map((statement) => `${statement};`);
  const ending = await planEnding(source);
  return [
    "-- in the target",
    ...source.schema.before.flatMap(statements),
    "-- rows: the first of each pair in the source, the second in the target",
    ...units.flatMap(({ table, where, isAlone }) => [
      `${readStatement(table, where)};`,
      `${writeStatement(table, isAlone)};`,
    ]),
    "-- in the target",
    ...ending.map(({ sql }) => sql),
    "ANALYZE;",
  ];
}
