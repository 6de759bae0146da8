/** A dump in parts, for loading rows in between. */
import { qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import { PgwrightError } from "../errors.ts";
import listRelations from "./around-rows.sql";
import { type Catalog, readCatalog } from "./catalog.ts";
import { refuseUnknown } from "./completeness.ts";
import { fingerprintOf, ownState } from "./dump.ts";
import { needsOf, orderObjects, ownersOf } from "./graph.ts";
import { collectObjects } from "./kinds.ts";
import type { LedgerTable } from "./ledger-rows.ts";
import { address, catalogs, stages, type Address, type SchemaObject } from "./object.ts";
import type { Needs, Placed } from "./order.ts";
import { readSteadily } from "./steady.ts";

/** One object: its statements belong together, and to one session (SET ROLE and RESET ROLE). */
export interface Piece {
  /** `table public.users`. */
  readonly label: string;
  /** Without their semicolons. */
  readonly statements: readonly string[];
}

/** A schema around its rows. */
export interface DumpAroundRows {
  /** What rows need: tables without keys, and what their columns, checks and defaults use. */
  readonly before: readonly Piece[];
  /** Keys, indexes, triggers, policies, and views that need a key. */
  readonly after: readonly Piece[];
  /** What must not act or be seen while the rest is made: publications, event triggers. */
  readonly last: readonly Piece[];
  /** Populated materialized views, in an order in which they can be refreshed. */
  readonly materialized: readonly string[];
  /** Sequences whose values are to be set, identity columns' included. */
  readonly sequences: readonly string[];
  /** What is not in it, and why. */
  readonly findings: readonly Finding[];
  /** SHA-256 of all of it, in hex. */
  readonly fingerprint: string;
}

export interface AroundRowsOptions {
  readonly ledger?: LedgerTable | undefined;
  readonly omitOwners: boolean;
  readonly omitGrants: boolean;
}

interface RelationRow {
  readonly oid: number;
  readonly kind: "r" | "p" | "m" | "f" | "S";
  readonly schema: string;
  readonly name: string;
  readonly isPopulated: boolean;
}

/**
 * The schema as `dumpSchema` has it, parted so that rows go in between: nothing slows the loading,
 * and no trigger, policy or foreign key has to be turned off for it.
 *
 * Foreign tables and their servers are left out: they would show the other server's rows as they are.
 *
 * @throws PgwrightError `dump-unsupported` naming every object it cannot make.
 */
export async function dumpAroundRows(
  session: Session,
  options: AroundRowsOptions,
): Promise<DumpAroundRows> {
  return readSteadily(session, async () => {
    const catalog = await readCatalog(session, {
      omitsOwners: options.omitOwners,
      omitsGrants: options.omitGrants,
      isForCopy: true,
    });
    const all = await collectObjects(catalog);
    const relations = await session.query<RelationRow>(listRelations);
    const isOurs = ownState(options.ledger && { ...options.ledger, content: "rows" });
    const ours = all.filter((object) => !isOurs(object));
    await refuseUnknown(catalog, all, ours);
    const { kept, findings } = leaveOutForeign(catalog, ours, relations);
    const { placed, apart } = orderObjects(catalog, kept);
    const isLate = lateOnes(catalog, placed, relations);
    const before: Piece[] = [];
    const after: Piece[] = [];
    const last: Piece[] = [];
    const security: Piece[] = [];
    for (const { object, stage } of placed) {
      const statements = object.statements(apart);
      const rls = statements.filter((statement) => isRowSecurity(statement, object));
      const part = stage >= stages.database ? last : isLate(object) ? after : before;
      add(
        part,
        object.label,
        statements.filter((statement) => !rls.includes(statement)),
      );
      add(security, `row security of ${object.label}`, rls);
    }
    const parts = { before, after: [...after, ...security], last };
    const dumped = new Set(kept.flatMap((object) => object.addresses));
    const isDumped = (row: RelationRow): boolean => dumped.has(address("class", row.oid));
    return {
      ...parts,
      materialized: inPlacedOrder(
        placed,
        relations.filter((row) => row.kind === "m" && row.isPopulated && isDumped(row)),
      ),
      sequences: relations
        .filter((row) => row.kind === "S" && isDumped(row))
        .map(({ schema, name }) => qualified(schema, name))
        .toSorted(),
      findings: [...catalog.findings.filter(isOfLoading), ...findings],
      fingerprint: fingerprintOf(JSON.stringify(parts)),
    };
  });
}

/** A tablespace, which the dump does not say, is no loss for a copy. */
function isOfLoading({ rule }: Finding): boolean {
  return rule !== "dump/tablespace";
}

function add(part: Piece[], label: string, statements: readonly string[]): void {
  if (statements.length > 0) part.push({ label, statements });
}

/** Under FORCE, a table's owner could not load it. */
function isRowSecurity(statement: string, { relation }: SchemaObject): boolean {
  return (
    relation !== undefined &&
    ["ENABLE", "FORCE"].some(
      (word) => statement === `ALTER TABLE ${relation} ${word} ROW LEVEL SECURITY`,
    )
  );
}

/**
 * What can wait until the rows are there: all that only completes a table, materialized views, and
 * what needs one of these; but nothing that a table needs (a column of the row type of a view that
 * groups by a primary key).
 */
function lateOnes(
  catalog: Catalog,
  placed: readonly Placed[],
  relations: readonly RelationRow[],
): (object: SchemaObject) => boolean {
  const objects = placed.map(({ object }) => object);
  const needs = needsOf(catalog, objects, ownersOf(catalog, objects));
  const kinds = new Map(relations.map((row) => [address("class", row.oid), row.kind]));
  const kindOf = (object: SchemaObject) => kinds.get(object.addresses[0] ?? "");
  const needed = closure(
    objects.filter((object) => ["r", "p", "S"].includes(kindOf(object) ?? "")),
    needs,
  );
  const late = new Set<SchemaObject>();
  for (const object of objects) {
    if (needed.has(object)) continue;
    const isLate =
      object.isPart === true ||
      object.stage >= stages.postponed ||
      kindOf(object) === "m" ||
      [...needs(object)].some((other) => late.has(other));
    if (isLate) late.add(object);
  }
  return (object) => late.has(object);
}

function closure(roots: readonly SchemaObject[], needs: Needs): Set<SchemaObject> {
  const found = new Set(roots);
  // A set is iterated over what is added meanwhile, too.
  for (const object of found) for (const other of needs(object)) found.add(other);
  return found;
}

function inPlacedOrder(placed: readonly Placed[], rows: readonly RelationRow[]): string[] {
  const names = new Map(
    rows.map((row) => [address("class", row.oid), qualified(row.schema, row.name)]),
  );
  return placed.flatMap(({ object }) => names.get(object.addresses[0] ?? "") ?? []);
}

/** @throws PgwrightError `dump-unsupported` for what needs a foreign table. */
function leaveOutForeign(
  catalog: Catalog,
  objects: readonly SchemaObject[],
  relations: readonly RelationRow[],
): { kept: SchemaObject[]; findings: Finding[] } {
  const foreign = relations.filter((row) => row.kind === "f");
  const names = new Set(foreign.map((row) => qualified(row.schema, row.name)));
  const servers = [catalogs.foreignServer, catalogs.foreignDataWrapper].map(String);
  const isForeign = (object: SchemaObject): boolean =>
    (object.relation !== undefined && names.has(object.relation)) ||
    servers.includes((object.addresses[0] ?? "").split("/")[0] ?? "");
  const left = objects.filter(isForeign);
  const kept = objects.filter((object) => !isForeign(object));
  const owner = ownersOf(catalog, objects);
  const leaning = kept.flatMap((object) => {
    const other = object.addresses
      .flatMap((own: Address) => (catalog.dependencies.get(own) ?? []).map(([to]) => owner(to)))
      .find((needed) => needed !== undefined && isForeign(needed));
    return other === undefined ? [] : [`${object.label}, which needs ${other.label}`];
  });
  if (leaning.length > 0) {
    throw new PgwrightError(
      "dump-unsupported",
      "foreign tables are not copied, since they show another server's rows as they are, and other objects need them",
      {
        notes: leaning.toSorted(),
        hint: "nothing was written; drop these in the database that is copied from",
      },
    );
  }
  const findings = left
    .filter((object) => object.isPart !== true)
    .map(({ label, relation }): Finding => {
      const what = relation === undefined ? label : `foreign table ${relation}`;
      return {
        rule: "copy/foreign",
        severity: "warning",
        message: `${what} is left out: it leads to another server`,
        object: relation ?? label,
      };
    });
  return { kept, findings };
}
