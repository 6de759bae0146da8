/** Puts the outcomes of all probes together into the matrix. */
import type { Finding } from "../../findings.ts";
import { joinParts, type Access, type Cell, type RelationAccess } from "./access.ts";
import { rightsKey, type Relation, type Rights } from "./catalog.ts";
import type { RowLabel } from "./fixture.ts";
import type { Subject, Trial } from "./plan.ts";
import type { Outcome } from "./probe.ts";
import { commands, hasRight, type Command } from "./statement.ts";

export interface Tried {
  readonly trial: Trial;
  readonly outcome: Outcome;
}

export function buildMatrix(
  subject: Subject,
  tried: readonly Tried[],
): { access: Access; findings: Finding[] } {
  const findings: Finding[] = [];
  const byCell = groupBy(
    tried,
    ({ trial }) => `${trial.command} ${trial.relation.oid} ${trial.role}`,
  );
  const views = groupBy(
    tried.filter(({ trial }) => trial.source !== undefined),
    ({ trial }) => trial.relation.oid,
  );
  const access: Record<string, Record<string, RelationAccess>> = {};
  for (const role of subject.roles) {
    const relations: Record<string, RelationAccess> = {};
    for (const relation of subject.relations) {
      const rights = subject.rights.get(rightsKey(role.name, relation.oid));
      if (rights === undefined) continue;
      const of = (command: Trial["command"]) =>
        byCell.get(`${command} ${relation.oid} ${role.name}`) ?? [];
      const cells: Record<string, Cell> = {};
      for (const command of commands) {
        const cell =
          relation.kind === "view"
            ? viewCell(
                of(command),
                hasRight(rights, command),
                command,
                views.get(relation.oid) ?? [],
              )
            : tableCell(of(command), hasRight(rights, command));
        if (cell !== undefined) cells[command] = cell;
      }
      // Seldom meant, so only told where it works.
      const given = of("give away");
      if (given.some(({ outcome }) => outcome === "done")) cells["give away"] = cellOf(given);
      Object.assign(cells, catalogCells(relation, rights, of("partitions")));
      if (Object.keys(cells).length > 0) relations[relation.name] = cells;
    }
    access[role.name] = relations;
  }
  for (const relation of subject.relations) {
    const finding = judgeCoverage(subject, relation, access, views.get(relation.oid));
    if (finding !== undefined) findings.push(finding);
  }
  return { access: { rows: describeRows(subject), access }, findings };
}

function tableCell(tried: readonly Tried[], isGranted: boolean): Cell | undefined {
  if (!isGranted) return reached(tried);
  return tried.length === 0 ? { anyone: "untried" } : cellOf(tried);
}

/** A view's rows are those of the tables that it was ever seen to show rows of. */
function viewCell(
  tried: readonly Tried[],
  isGranted: boolean,
  command: Command,
  all: readonly Tried[],
): Cell | undefined {
  if (!isGranted) return reached(tried);
  if (command !== "select") return { anyone: "granted" };
  const shown = new Set(
    all.filter(({ outcome }) => outcome === "done").map(({ trial }) => trial.source),
  );
  const isKnownByKey = [...shown].some((source) => source !== "identity");
  const counted = tried.filter(
    ({ trial }) => shown.has(trial.source) && (trial.source !== "identity" || !isKnownByKey),
  );
  if (counted.length > 0) return cellOf(counted);
  return tried.some(({ outcome }) => outcome !== "nothing")
    ? cellOf(tried)
    : { anyone: "readable" };
}

/** The catalog denies it; undefined when the server does as well. */
function reached(tried: readonly Tried[]): Cell | undefined {
  const other = tried.find(({ outcome }) => outcome !== "denied");
  return other && { anyone: other.outcome.startsWith("error") ? other.outcome : "granted" };
}

function cellOf(tried: readonly Tried[]): Cell {
  const cell: Record<string, string> = {};
  for (const [persona, asked] of groupBy(tried, ({ trial }) => trial.persona ?? "")) {
    cell[persona] = describeOutcomes(asked);
  }
  if (cell["cleared"] === cell["nobody"]) delete cell["cleared"];
  return cell;
}

function describeOutcomes(tried: readonly Tried[]): string {
  // A right without SELECT's policies in the way is refused row by row; SELECT and DELETE never are.
  const isRefused = ({ trial, outcome }: Tried) =>
    outcome === "denied" && (trial.command === "select" || trial.command === "delete");
  if (tried.every(isRefused)) return "denied";
  const parts: string[] = [];
  const classes = groupBy(tried, ({ trial }) => classOf(trial));
  for (const name of [...classes.keys()].toSorted(byClass)) {
    const members = classes.get(name) ?? [];
    const done = members.filter(({ outcome }) => outcome === "done").length;
    if (done > 0) parts.push(done === members.length ? name : `${name} ${done}/${members.length}`);
  }
  const errors = tried
    .map(({ outcome }) => outcome)
    .filter((outcome) => outcome.startsWith("error"));
  return joinParts([...parts, ...new Set(errors.toSorted())]);
}

/** Whose the row is, as seen by who asks. */
function classOf({ label, person }: Trial): string {
  const { owner, variant }: RowLabel = label ?? { owner: null, variant: "" };
  const whose = owner === null ? "shared" : owner === person ? "own" : "others";
  return variant === "" ? whose : `${whose} ${variant}`;
}

const order = ["own", "others", "shared"];
const rank = (name: string) => order.indexOf(name.split(" ")[0] ?? "");

function byClass(one: string, other: string): number {
  return rank(one) - rank(other) || (one < other ? -1 : 1);
}

/** What the catalog alone says: rights no policy is asked about, and rights on some columns only. */
function catalogCells(
  relation: Relation,
  rights: Rights,
  onPartition: readonly Tried[],
): Record<string, Cell> {
  const cells: Record<string, Cell> = {};
  if (!rights.mayUseSchema) return cells;
  for (const command of ["select", "insert", "update"] as const) {
    const granted = rights[command];
    const all = relation.columns.filter(({ isGenerated }) => command === "select" || !isGenerated);
    if (granted.length > 0 && all.some(({ name }) => !granted.includes(name))) {
      cells[`${command} columns`] = { anyone: joinParts(granted) };
    }
  }
  if (rights.others.length > 0) cells["also"] = { anyone: joinParts(rights.others) };
  const isOpen = onPartition.some(({ outcome }) => outcome !== "denied");
  const rightsThere = [
    ...new Set([...rights.onPartitions, ...(isOpen ? ["SELECT"] : [])]),
  ].toSorted();
  if (rightsThere.length > 0) cells["partitions"] = { anyone: joinParts(rightsThere) };
  return cells;
}

function describeRows({ relations, rows }: Subject): Record<string, string> {
  const described: Record<string, string> = {};
  for (const relation of relations) {
    const names = rows
      .filter((row) => row.relation === relation)
      .map(({ label: { owner, variant } }) => [owner ?? "shared", variant].join(" ").trim());
    if (names.length > 0) described[relation.name] = joinParts([...new Set(names)].toSorted());
  }
  return described;
}

/** Rights that no row was there for, or a view in which no row could be recognised. */
function judgeCoverage(
  { rows }: Subject,
  relation: Relation,
  access: Access["access"],
  searched: readonly Tried[] | undefined,
): Finding | undefined {
  const holders = Object.entries(access)
    .filter(([, relations]) =>
      Object.values(relations[relation.name] ?? {}).some(
        (cell) => cell["anyone"] === "untried" || cell["anyone"] === "readable",
      ),
    )
    .map(([role]) => role);
  if (holders.length === 0) return undefined;
  const who = `${holders.slice(0, 3).join(", ")}${holders.length > 3 ? ` and ${holders.length - 3} more` : ""}`;
  const at = { object: relation.name, severity: "warning" as const };
  if (searched !== undefined) {
    return {
      ...at,
      rule: "policies/test-view-blind",
      severity: "info",
      message: `${relation.name} is readable for ${who}, and shows no key of a tried row nor anybody's identity: which rows it shows is not known`,
      hint: "show the key of the row in the view, add rows that it shows to policies/test.sql, or REFRESH it there if it is materialized",
    };
  }
  if (rows.some((row) => row.relation === relation)) return undefined;
  return {
    ...at,
    rule: "policies/test-row-missing",
    message: `there is no row to try the rights on ${relation.name} with, which ${who} may use`,
    hint: "add an INSERT to policies/test.sql, for each of two users where the rows are somebody's",
  };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
