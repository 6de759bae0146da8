/** Compares audit.yaml with a database: what to create, replace, enable, revoke and drop. */
import type { Finding } from "../../findings.ts";
import { ident, qualified } from "../../db/identifier.ts";
import { readRetired } from "../partitions/retired.ts";
import type { PartPlan, PlanContext, PolicyStep } from "../step.ts";
import type { AuditFunction, AuditTable } from "./catalog.ts";
import { nameOf, readFunctions, readTables } from "./catalog.ts";
import { planExtras } from "./extras.ts";
import { isOurs, planFunction } from "./function-steps.ts";
import { generateFunction } from "./generate.ts";
import { planLogGuard } from "./log-guard.ts";
import type { LogShape, WriterRights } from "./log-shape.ts";
import { readLogShape, readWriterRights } from "./log-shape.ts";
import { boundedName, truncateTriggerOf } from "./name.ts";
import type { DeclaredAudit } from "./read.ts";
import type { Hidden } from "./resolve.ts";
import { checkNames, resolveTable } from "./resolve.ts";
import { planTriggers } from "./trigger-steps.ts";

/**
 * What makes the audit as declared. With `context.only` it looks at those tables alone, and says
 * nothing of others: while migrations go on, the log or a declared table may not exist yet.
 *
 * Reads only. Sees what the transaction it runs in has changed.
 */
export async function planAudit(declared: DeclaredAudit, context: PlanContext): Promise<PartPlan> {
  const { session, only } = context;
  const [schema = "", name = ""] = declared.file.log.split(".");
  const log = await readLogShape(session, schema, name);
  if (!log || log.faults.length > 0) {
    if (!log && only) return { steps: [], findings: [] };
    return { steps: [], findings: [describeUnfit(declared, log)] };
  }
  const tables = (await readTables(session, only)).map((table) => withComing(table, context));
  const functions = await readFunctions(
    session,
    tables.map((table) => `${table.schema}.${boundedName(table.name, "_audit")}`),
  );
  const retired = await readRetired(session);
  const audited = tables.filter(
    (table) => Object.hasOwn(declared.file.tables, nameOf(table)) && table.oid !== log.oid,
  );
  const findings: Finding[] = only
    ? []
    : checkNames(
        declared,
        tables,
        (table) => retired.has(nameOf(table)) || isNotForAudit(table, log, context),
      );
  const steps: PolicyStep[] = [];
  const rights = new Map<string, WriterRights>();
  for (const table of audited) {
    let right = rights.get(table.owner);
    if (!right) {
      right = await readWriterRights(session, table.owner, log, ident(table.owner));
      rights.set(table.owner, right);
    }
    const plan = planTable(declared, table, functions, log, right, context.ownerRole);
    steps.push(...plan.steps);
    findings.push(...plan.findings);
  }
  const names = new Set(audited.map(nameOf));
  // A detached partition keeps its own TRUNCATE trigger; what empties it goes on being recorded.
  const others = tables.filter((table) => !retired.has(nameOf(table)));
  steps.push(...planExtras(others, names, functions, only === undefined));
  if (only === undefined) {
    const guard = await planLogGuard(session, log);
    steps.push(...guard.steps);
    findings.push(...guard.findings);
  }
  return { steps, findings };
}

/**
 * The table with the partitions that the same plan creates before. A sister's TRUNCATE trigger is
 * copied to them as they are made; they lack it where no sister has it yet.
 */
function withComing(table: AuditTable, { coming = [] }: PlanContext): AuditTable {
  const name = truncateTriggerOf(table.name);
  const hasSister = table.relations.some(
    ({ isLeaf, triggers }) => isLeaf && triggers.some((trigger) => trigger.name === name),
  );
  const leaves = coming.filter(({ root }) => root === table.oid);
  if (hasSister || leaves.length === 0) return table;
  const more = leaves.map((leaf) => ({
    oid: "0",
    schema: leaf.schema,
    name: leaf.name,
    owner: leaf.owner,
    isRoot: false,
    isLeaf: true,
    triggers: [],
  }));
  return { ...table, relations: [...table.relations, ...more] };
}

function planTable(
  declared: DeclaredAudit,
  table: AuditTable,
  functions: readonly AuditFunction[],
  log: LogShape,
  rights: WriterRights,
  ownerRole: string | undefined,
): PartPlan {
  const name = nameOf(table);
  const at = declared.placeOf("tables", name);
  const { file, source } = declared;
  const refuse = (rule: string, message: string, hint: string): PartPlan => ({
    steps: [],
    findings: [{ rule, severity: "error", message, hint, at, source, object: name }],
  });
  const current = findFunction(table, functions);
  if (current && !isOurs(current)) {
    return refuse(
      "audit/name-taken",
      `the function ${nameOf(current)}() is not one that pgwright made, and the audit of ${name} needs its name`,
      "rename that function, or drop it",
    );
  }
  const resolution = resolveTable(declared, table, hiddenBefore(table, functions));
  if (!resolution.recording) return { steps: [], findings: resolution.findings };
  if (rights.missing.length > 0) {
    return refuse(
      "audit/log-denied",
      `the owner of ${name}, ${table.owner}, may not write to ${nameOf(log)}`,
      table.owner === ownerRole || ownerRole === undefined
        ? `run: ${rights.missing.join("; ")}`
        : `the owner is another one than ${ident(ownerRole)}, which writes the log and owns what migrations make. If that is not meant, run: ALTER TABLE ${qualified(table.schema, table.name)} OWNER TO ${ident(ownerRole)}; an application that owns a table can switch its audit off`,
    );
  }
  if (rights.isStoppedByRowSecurity) {
    return refuse(
      "audit/log-row-security",
      `${nameOf(log)} has FORCE ROW LEVEL SECURITY, which the owner of ${name}, ${table.owner}, is subject to`,
      `run: alter role ${ident(table.owner)} bypassrls`,
    );
  }
  if (!table.ownerCanCreate) {
    return refuse(
      "audit/schema-denied",
      `the owner of ${name}, ${table.owner}, may not create the audit function in schema ${table.schema}`,
      `run: grant create on schema ${ident(table.schema)} to ${ident(table.owner)}`,
    );
  }
  if (log.nameLength !== null && Array.from(name).length > log.nameLength) {
    return refuse(
      "audit/name-too-long",
      `${nameOf(log)}.table_name holds ${log.nameLength} characters, and ${name} has more`,
      `make the column longer by a migration`,
    );
  }
  const generated = generateFunction(resolution.recording, log, file.identity);
  const steps = [
    ...planFunction(table, generated, current, rights, at),
    ...planTriggers(table, generated, functions, at),
  ];
  return { steps, findings: resolution.findings };
}

function findFunction(
  table: AuditTable,
  functions: readonly AuditFunction[],
): AuditFunction | undefined {
  const name = boundedName(table.name, "_audit");
  return functions.find((one) => one.schema === table.schema && one.name === name);
}

/** What the function behind the table's trigger hides, under whatever name it is; from its comment. */
function hiddenBefore(table: AuditTable, functions: readonly AuditFunction[]): Hidden | undefined {
  const [root] = table.relations;
  const used = root?.triggers.find((trigger) => trigger.isOurs);
  const before = functions.find(
    (one) => one.schema === used?.functionSchema && one.name === used.function,
  );
  if (!before) return undefined;
  const numbers = (word: string) => {
    const list = new RegExp(`; ${word} ([0-9,]+)`).exec(before.comment ?? "")?.[1];
    return new Set(list === undefined ? [] : list.split(",").map(Number));
  };
  return { exclude: numbers("exclude"), mask: numbers("mask") };
}

/** Tables whose changes are nobody's business: ours, and the log. */
function isNotForAudit(table: AuditTable, log: LogShape, { ledger }: PlanContext): boolean {
  return (
    table.oid === log.oid ||
    table.schema === "pgwright" ||
    (table.schema === ledger.schema && [ledger.table, `${ledger.table}_log`].includes(table.name))
  );
}

function describeUnfit(declared: DeclaredAudit, log: LogShape | undefined): Finding {
  const name = declared.file.log;
  return {
    rule: log ? "audit/log-unfit" : "audit/log-missing",
    severity: "error",
    message: log
      ? `${name} cannot be the audit log: ${log.faults.join("; ")}`
      : `there is no table ${name} to record changes in`,
    hint: log
      ? "docs/formats.md lists the columns of the log"
      : "create it by a migration; docs/formats.md lists its columns",
    at: declared.placeOf("log"),
    source: declared.source,
    object: name,
  };
}
