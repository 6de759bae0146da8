/** By which key the rows of a table are taken, and whether it is still the one that a journal tells of. */
import { ident } from "../../db/identifier.ts";
import type { Statement } from "../../db/script.ts";
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import { relationSql } from "../table-names.ts";
import { targetOf } from "./directive.ts";
import findKeys from "./key.sql";

/** A key and the table it was found in, as they stand in the journal. */
export interface RecordedKey {
  /** With its schema, as SQL. */
  readonly table: string;
  readonly oid: string;
  readonly columns: readonly RecordedColumn[];
}

export interface RecordedColumn {
  readonly name: string;
  /** `attnum`, which tells a column from another that has got its name. */
  readonly number: number;
  /** With its schema, as SQL. */
  readonly type: string;
  /** With what its order hangs on: provider, locale, version. Null for types without. */
  readonly collation: string | null;
}

export interface KeyColumn extends RecordedColumn {
  /** As SQL with their schema. */
  readonly operators: Readonly<Record<"<" | "<=" | "=" | ">=" | ">", string>>;
  /** Columns of the table that change this one when they are changed. */
  readonly leaders: readonly string[];
  /** No setting changes how a value is written. */
  readonly isAlwaysWrittenAlike: boolean;
  readonly isDate: boolean;
}

export interface FoundKey {
  /** With its schema, as SQL. */
  readonly table: string;
  readonly oid: string;
  readonly columns: readonly KeyColumn[];
}

interface Found {
  readonly table: string;
  readonly oid: string;
  readonly keys: readonly (readonly KeyColumn[])[];
}

/** What an interrupted backfill has left. */
interface Before {
  readonly key?: RecordedKey;
  readonly end: readonly string[];
  readonly last: readonly string[] | null;
  readonly batches: number;
}

/**
 * By what the rows are taken in order: the primary key, or else a unique index; where the work was begun
 * before, by the same columns, whichever index they have now. Asked before anything is journalled, so
 * that a refusal leaves a file that may be changed.
 *
 * @throws PgwrightError `backfill-refused` where the table has no key or the statement changes it;
 *   `journal-changed` where the rows cannot be taken in the order they were: `ways` is what may be said then.
 */
export async function readKey(
  session: Session,
  statement: Statement,
  before: Before | undefined,
  ways: string,
): Promise<FoundKey> {
  const { relation, assigned } = targetOf(statement);
  const name = relationSql(relation);
  const found = await session.one<Found>(findKeys, [name]);
  const unchanged = found.keys.filter((key) => whyMoved(key, assigned) === undefined);
  const { table, oid } = found;
  if (before) return { table, oid, columns: findSame({ ...found, keys: unchanged }, before, ways) };
  const [first] = found.keys;
  if (first === undefined) {
    throw refused(
      `${name} has no primary key, and no unique index in the usual order over columns that are NOT NULL`,
    );
  }
  const [columns] = unchanged;
  if (columns === undefined) throw refused(whyMoved(first, assigned) ?? "");
  return { table, oid, columns };
}

/** Why the statement changes the key of a row, if it does. */
function whyMoved(key: readonly KeyColumn[], assigned: readonly string[]): string | undefined {
  for (const { name, leaders } of key) {
    if (assigned.includes(name))
      return `the statement changes ${ident(name)}, by which the rows are taken in order`;
    const leader = leaders.find((one) => assigned.includes(one));
    if (leader !== undefined)
      return `the statement changes ${ident(leader)}, from which ${ident(name)} follows, by which the rows are taken in order`;
  }
  return undefined;
}

/** `hint` is for one that has committed nothing, unless another is given. */
export function refused(
  why: string,
  hint = "take out `-- backfill:`, and the statement runs as a whole",
): PgwrightError {
  return new PgwrightError("backfill-refused", `the backfill cannot be run in batches: ${why}`, {
    hint,
  });
}

function findSame(found: Found, before: Before, ways: string): readonly KeyColumn[] {
  const { key } = before;
  if (!key) return findOnly(found, before, ways);
  const fail = (message: string, hint = `look at the database and ${ways}`) => {
    const batches = before.batches === 1 ? "1 batch" : `${before.batches} batches`;
    return new PgwrightError(
      "journal-changed",
      `the backfill has committed ${batches}: ${message}`,
      {
        hint,
      },
    );
  };
  // One that was restored, or moved to another schema, is the same.
  if (key.table !== found.table && key.oid !== found.oid) {
    throw fail(`they were those of ${key.table}, and the statement now means ${found.table}`);
  }
  const same = found.keys.find((one) => namesOf(one) === namesOf(key.columns));
  if (!same) {
    const names = found.keys.map((one) => `(${namesOf(one)})`);
    const now =
      names.length === 0 ? "there is no key now" : `they can now be taken by ${names.join(" or ")}`;
    throw fail(
      `it took the rows by (${namesOf(key.columns)}), and ${now}`,
      `\`create unique index concurrently on ${found.table} (${namesOf(key.columns)})\`, over columns that are NOT NULL, lets it go on; or look at the database and ${ways}`,
    );
  }
  const changes = same.flatMap((column, i) => {
    const was = key.columns[i];
    if (!was) return [];
    return describeChange(column, was, key.oid === found.oid);
  });
  if (changes.length > 0) {
    throw fail(`${changes.join(", ")}, so the rows have another order than they had`);
  }
  return same;
}

function describeChange(is: KeyColumn, was: RecordedColumn, isSameTable: boolean): string[] {
  const name = ident(is.name);
  if (is.type !== was.type) return [`${name} was of type ${was.type} and is of type ${is.type}`];
  if (is.collation !== was.collation)
    return [`${name} is sorted by ${is.collation} and was by ${was.collation}`];
  if (isSameTable && is.number !== was.number) return [`${name} is another column now`];
  return [];
}

/** Entries of earlier versions do not say which key it was. */
function findOnly(found: Found, before: Before, ways: string): readonly KeyColumn[] {
  const keys = [...new Map(found.keys.map((one) => [namesOf(one), one])).values()];
  const [key] = keys;
  const isSafe = key?.every(({ isAlwaysWrittenAlike, isDate }, i) => {
    const texts = [before.end[i], ...(before.last ? [before.last[i]] : [])];
    return (
      isAlwaysWrittenAlike ||
      (isDate && texts.every((text) => /^[0-9]{4,}-[0-9]{2}-[0-9]{2}(?: |$)/.test(text ?? "")))
    );
  });
  if (keys.length === 1 && key?.length === before.end.length && isSafe) return key;
  const names = keys.map((one) => `(${namesOf(one)})`);
  throw new PgwrightError(
    "journal-changed",
    `the backfill has committed ${before.batches} batches, its journal is of a version that did not record the key, and ${
      names.length === 0 ? "there is none now" : `it cannot be told from ${names.join(", ")}`
    }`,
    { hint: `look at the database and ${ways}` },
  );
}

/** What of it goes into the journal. */
export function recordOf({ table, oid, columns }: FoundKey): RecordedKey {
  return {
    table,
    oid,
    columns: columns.map(({ name, number, type, collation }) => ({
      name,
      number,
      type,
      collation,
    })),
  };
}

export function namesOf(key: readonly Pick<RecordedColumn, "name">[]): string {
  return key.map(({ name }) => ident(name)).join(", ");
}
