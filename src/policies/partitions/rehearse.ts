/** What `partitions maintain` would run, as SQL. */
import type { Session } from "../../db/session.ts";
import type { FrameOptions } from "../../migrate/frame.ts";
import { directFrame, dryServer } from "../../migrate/frame.ts";
import type { DeclaredPartitions } from "./declared.ts";
import { describeRows } from "./default-rows.ts";
import { printMove } from "./drain.ts";
import { defaultOf } from "./leaf-steps.ts";
import { groupByUnit } from "./maintain.ts";
import type { TablePlan } from "./plan.ts";
import { planTables } from "./plan.ts";
import { printRetirement } from "./retire.ts";
import type { RoleStatement } from "./run-unit.ts";
import { underRoles } from "./run-unit.ts";
import type { Finding } from "../../findings.ts";

/** Reads in a transaction that is rolled back, and takes no lock that anybody would notice. */
export async function rehearseMaintain(
  session: Session,
  declared: DeclaredPartitions,
  options: FrameOptions & { readonly asOf?: Date | undefined },
): Promise<{ sql: string; findings: Finding[] }> {
  const frame = directFrame(options, dryServer(session));
  await session.script(["begin read only", ...frame.transaction].join(";\n"));
  try {
    const plans = await planTables(session, declared, {
      now: options.asOf,
      retiresAhead: true,
    });
    return {
      sql: plans.flatMap(printTable).join("\n"),
      findings: plans.flatMap(({ findings }) => findings),
    };
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}

function printTable(plan: TablePlan): string[] {
  const { state, declared, defaultRows, range } = plan;
  if (!state) return [];
  const units = groupByUnit(plan.steps.filter(({ extra }) => extra === undefined)).map((unit) =>
    printUnit(`${unit[0]?.object}: ${unit[0]?.why}`, unit),
  );
  const fallback = defaultOf(state);
  const moves = plan.missing
    .filter((leaf) => leaf.grows !== null || defaultRows.blocking.has(leaf))
    .flatMap((leaf) =>
      fallback
        ? [
            printUnit(
              `${leaf.name} with its rows from ${fallback.sql} (${describeRows(defaultRows.count ?? 0)} in all), in batches that each end like this`,
              printMove(state, fallback, leaf),
            ),
          ]
        : [],
    );
  const retention = declared.by === "range" ? declared.retention : undefined;
  const due = range?.due ?? [];
  const retirements = retention
    ? due.map(({ leaf }) =>
        [
          `-- ${leaf.sql} is older than what is kept; CONCURRENTLY runs outside a transaction`,
          ...underRoles(printRetirement(state, leaf, retention)).map((sql) =>
            `${sql};`.replace("set local role", "set role"),
          ),
          "",
        ].join("\n"),
      )
    : [];
  return [...units, ...moves, ...retirements];
}

function printUnit(title: string, statements: readonly RoleStatement[]): string {
  return [
    `-- ${title}`,
    "begin;",
    ...underRoles(statements).map((sql) => `${sql};`),
    "commit;",
    "",
  ].join("\n");
}
