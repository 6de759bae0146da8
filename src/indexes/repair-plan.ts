/** Which statements mend the indexes that are not valid. Reads only. */
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import type { InvalidIndex } from "./invalid.ts";
import { judgeInvalid, readInvalid } from "./invalid.ts";
import { planParts } from "./repair-parts.ts";
import type { RepairPlan, RepairStep } from "./repair-step.ts";

/**
 * Copies that an interrupted REINDEX CONCURRENTLY left are dropped, invalid indexes rebuilt, and
 * what a partitioned index lacks is built on the leaves and attached, the lowest level first. A
 * build in progress is left alone, and so is what this role may not change.
 *
 * @param only Oid and name (`schema.index`) of the indexes to mend, with their parts and the copies
 *   that were made of them; undefined is all.
 */
export async function planRepair(
  session: Session,
  only: ReadonlyMap<string, string> | undefined,
): Promise<RepairPlan> {
  const names = new Set(only?.values());
  const rows = (await readInvalid(session)).filter(
    ({ oid, root, isLeftover, twin }) =>
      only === undefined ||
      only.has(oid) ||
      (root !== null && only.has(root)) ||
      (isLeftover && twin !== null && names.has(twin)),
  );
  const steps: RepairStep[] = [];
  const findings: Finding[] = [];
  for (const row of inOrder(rows)) {
    const obstacle = findObstacle(row, session);
    if (obstacle !== undefined) {
      findings.push(obstacle);
      continue;
    }
    if (row.isPartitioned) {
      const planned = new Set(steps.map(({ index }) => index));
      const parts = await planParts(session, row, roleFor(row), planned);
      steps.push(...parts.steps);
      findings.push(...parts.findings);
    } else {
      steps.push(planPlain(row));
    }
  }
  return { steps, findings };
}

/** Leftovers cost every write and go first; parts come before what they are parts of. */
function inOrder(rows: readonly InvalidIndex[]): InvalidIndex[] {
  const place = (row: InvalidIndex) => (row.isLeftover ? 0 : row.isPartitioned ? 2 : 1);
  return rows.toSorted((a, b) => place(a) - place(b) || b.depth - a.depth);
}

function planPlain(row: InvalidIndex): RepairStep {
  const { index, oid, table } = row;
  const step = {
    index,
    table,
    oid,
    kind: "concurrent" as const,
    role: roleFor(row),
    tablespace: null,
    isCleaning: row.isLeftover,
    needs: null,
  };
  return row.isLeftover
    ? {
        ...step,
        sql: [`DROP INDEX CONCURRENTLY ${index}`],
        why: `an interrupted REINDEX CONCURRENTLY of ${row.twin} left it behind`,
      }
    : {
        ...step,
        sql: [`REINDEX INDEX CONCURRENTLY ${index}`],
        why: "it is invalid: a concurrent build of it failed",
      };
}

/** What forbids to touch it now; undefined when nothing does. */
function findObstacle(row: InvalidIndex, { server }: Session): Finding | undefined {
  const { index, table, busyPid } = row;
  const verdict = judgeInvalid(row, server.isStandby);
  if (verdict.kind === "building") {
    const { kind: _kind, ...finding } = verdict;
    return { rule: "indexes/building", ...finding };
  }
  if (busyPid !== null && !row.isPartitioned) {
    return {
      rule: "indexes/building",
      severity: "info",
      object: index,
      message: `index ${index} is invalid, and pid ${busyPid} builds an index on ${table}: it is left alone until that is over`,
      hint: "run the same command again then",
    };
  }
  if (row.isToast && !row.isLeftover) {
    return cannot(row, "it belongs to a TOAST table, whose index only REINDEX TABLE rebuilds", [
      `REINDEX TABLE CONCURRENTLY ${row.toastOf ?? table};`,
    ]);
  }
  if (row.isExclusion && !row.isPartitioned) {
    return cannot(
      row,
      "PostgreSQL cannot rebuild the index of an exclusion constraint concurrently",
      [`REINDEX INDEX ${index};`],
    );
  }
  if (row.mayChange || row.mayBecomeOwner) return undefined;
  return row.mayReindex && !row.isLeftover && !row.isPartitioned
    ? undefined
    : missingRight(row, server.role);
}

function cannot(row: InvalidIndex, why: string, statements: readonly string[]): Finding {
  return {
    rule: "indexes/not-repaired",
    severity: "error",
    object: row.index,
    message: `index ${row.index} on ${row.table} is not repaired: ${why}`,
    hint: `at a quiet time, for it blocks writers: ${statements.map((sql) => `\`${sql}\``).join(" ")}`,
  };
}

/** Dropping and attaching need the owner; rebuilding also goes with MAINTAIN, since 17. */
function missingRight(row: InvalidIndex, role: string): Finding {
  const me = ident(role);
  const { index, table, owner } = row;
  const isUnseen = row.isToast && !row.ownerSeesSchema;
  return {
    rule: "indexes/not-repaired",
    severity: "error",
    object: index,
    message: isUnseen
      ? `index ${index}, of the TOAST table of ${row.toastOf}, is not repaired: only who owns the table and may use the schema pg_toast drops it, usually a superuser`
      : `index ${index} on ${table} is not repaired: role ${me} is neither its owner ${ident(owner)} nor a member of that role`,
    hint: isUnseen
      ? `connect as a superuser, or have one run \`GRANT USAGE ON SCHEMA pg_toast TO ${ident(owner)};\``
      : row.isOwnerSuperuser
        ? `connect as ${ident(owner)}, or have a superuser run \`pgwright indexes repair\`; where the table belongs to an application, \`ALTER TABLE ${table} OWNER TO …;\` gives it to its role`
        : `connect as ${ident(owner)}, or have an administrator run \`GRANT ${ident(owner)} TO ${me};\``,
  };
}

/** The connected role where it may, else the owner. */
function roleFor(row: InvalidIndex): string | null {
  return row.mayChange || !row.mayBecomeOwner ? null : row.owner;
}
