/** A masked copy of a database in another one. */
import { availableParallelism } from "node:os";
import { fillTarget } from "./fill.ts";
import { planEnding } from "./finish.ts";
import { Pace } from "./pace.ts";
import type { CopyRequest } from "./request.ts";
import { type CopyResult, estimates, resultOf, secondsSince } from "./result.ts";
import { hashOf, openSource, type Source } from "./source.ts";
import { formatBetween, readStatement, writeStatement } from "./table.ts";
import { inspectTarget, replaceTarget } from "./target.ts";
import type { Unit } from "./unit.ts";
import { planWork } from "./work.ts";

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
  const { units, findings } = await planWork(source, { ...request, merges: true });
  const mark = {
    identity: source.identity,
    planHash: hashOf(
      source.schema.fingerprint,
      source.plan,
      units.map(({ id, parts }) => [id, parts]),
    ),
  };
  const target = { ...request, open: request.openTarget, database: request.targetDatabase };
  const beginning = await inspectTarget(source, mark, target);
  const pace = new Pace(source.tables, units, request.events);
  if (!request.dryRun) {
    if (beginning.kind === "replace") await replaceTarget(target, beginning);
    await fillTarget({
      source,
      units,
      pace,
      request,
      mark,
      marker: beginning.kind === "resume" ? beginning.marker : undefined,
    });
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

async function listSql(source: Source, units: readonly Unit[]): Promise<string[]> {
  const statements = ({ statements }: { statements: readonly string[] }) =>
    statements.map((statement) => `${statement};`);
  const ending = await planEnding(source);
  return [
    "-- in the target",
    ...source.schema.before.flatMap(statements),
    "-- rows: what goes to STDOUT in the source, what comes from there in the target",
    ...units.flatMap(({ table, parts, isAlone }) => [
      ...parts.map((part) => `${readStatement(table, formatBetween(table), part)};`),
      `${writeStatement(table, formatBetween(table), isAlone)};`,
    ]),
    "-- in the target",
    ...ending.map(({ sql }) => sql),
    "ANALYZE;",
  ];
}
