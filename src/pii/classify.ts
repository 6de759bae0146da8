/** Judges every column of a catalog by what is known of it; without values by names and types alone. */
import type { Session } from "../db/session.ts";
import { lookSafely } from "../db/look.ts";
import { readTables, type CatalogColumn, type CatalogTable } from "./catalog.ts";
import { ColumnValues, type ColumnJudgement } from "./column.ts";
import { areAboutPeople, readName } from "./lexicon.ts";
import type { Context } from "./judge.ts";
import { splitName } from "./name-words.ts";
import type { PiiFinding } from "./report.ts";

/**
 * Classifies columns by their names, types, comments and foreign keys: reads the catalog only, so
 * that it works on a database that has no rows.
 */
export async function classify(
  session: Session,
  { schemas }: { readonly schemas?: readonly string[] } = {},
): Promise<PiiFinding[]> {
  const tables = await lookSafely(session, () => readTables(session, schemas));
  return judgeTables(tables, (table) => table.columns.map((column) => new ColumnValues(column)));
}

/** `valuesOf`: what was read of each column of a table, in the order of its columns. */
export function judgeTables(
  tables: readonly CatalogTable[],
  valuesOf: (table: CatalogTable) => readonly ColumnValues[],
): PiiFinding[] {
  const contexts = new Map(tables.map((table) => [table.oid, ownContext(table)]));
  const people = new Set(
    tables
      .filter(({ oid }) => contexts.get(oid) === "people")
      .map(({ schema, name }) => key(schema, name)),
  );
  const references = findReferences(tables, people);
  const judgeColumn = (table: CatalogTable, values: ColumnValues, entity?: string) => {
    const { target } = values.column;
    return values.judge({
      table: splitName(table.name),
      context:
        contexts.get(table.oid) === "people"
          ? "people"
          : references.has(key(table.schema, table.name))
            ? "reference"
            : "none",
      target:
        target && entity !== undefined
          ? { column: `${target.schema}.${target.table}.${target.column}`, entity }
          : undefined,
    });
  };
  const judged = tables.flatMap((table) =>
    valuesOf(table).map((values) => ({ table, values, found: judgeColumn(table, values) })),
  );
  // A key that leads to an e-mail address is one; keys of keys take another round each.
  const entities = new Map<string, string>();
  for (let round = 0, isOpen = true; isOpen && round < 10; round += 1) {
    isOpen = false;
    for (const one of judged) {
      const best = one.found.find(({ path, level }) => path === undefined && level !== "possible");
      const place = key(one.table.schema, one.table.name, one.values.column.name);
      if (best) entities.set(place, best.entity);
    }
    for (const one of judged) {
      const { target } = one.values.column;
      const entity = target
        ? entities.get(key(target.schema, target.table, target.column))
        : undefined;
      if (entity === undefined || one.found.some((found) => found.entity === entity)) continue;
      one.found = judgeColumn(one.table, one.values, entity);
      isOpen ||= one.found.some((found) => found.entity === entity);
    }
  }
  return judged.flatMap(({ table, values, found }) =>
    found.map((one) => describe(table, values.column, one)),
  );
}

function describe(
  { schema, name }: CatalogTable,
  column: CatalogColumn,
  one: ColumnJudgement,
): PiiFinding {
  const { path, entity, confidence, level, evidence, direct } = one;
  return {
    schema,
    table: name,
    column: column.name,
    ...(path === undefined ? {} : { path }),
    entity,
    confidence,
    level,
    evidence,
    direct,
  };
}

const key = (...parts: readonly string[]) => JSON.stringify(parts);

const identifying = new Set<string | null>([
  "email",
  "phone",
  "person_name",
  "birth_date",
  "national_id",
  "health_id",
  "passport",
]);

function ownContext({ name, columns }: CatalogTable): Context {
  if (areAboutPeople(splitName(name))) return "people";
  const entities = columns.flatMap((column) =>
    readName(column.name)
      .filter(({ strength }) => strength === "strong")
      .map(({ entity }) => entity),
  );
  return entities.some((entity) => identifying.has(entity)) ? "people" : "none";
}

/** Rows that lead to a person tell of them; a message does by way of its conversation. */
function findReferences(tables: readonly CatalogTable[], people: ReadonlySet<string>): Set<string> {
  const references = new Set<string>();
  for (let hop = 0; hop < 2; hop += 1) {
    const known = new Set([...people, ...references]);
    for (const { schema, name, columns } of tables) {
      if (columns.some((column) => leadsTo(column, known))) references.add(key(schema, name));
    }
  }
  return references;
}

function leadsTo({ name, target }: CatalogColumn, known: ReadonlySet<string>): boolean {
  if (target) return known.has(key(target.schema, target.table));
  const words = splitName(name);
  return words.length > 1 && words.at(-1) === "id" && areAboutPeople(words.slice(0, -1));
}
