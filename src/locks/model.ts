/** What is known of tables, columns and functions: learnt from files, read from a catalog, or both. */

export interface Column {
  /** Last part of the type's name, as the parser has it: `int4`, `varchar`, `my_domain`. */
  readonly type: string;
  /** `varchar(20)` has 20; `numeric(10, 2)` has 10 and 2. */
  readonly modifiers: readonly number[];
  readonly isArray: boolean;
  isNotNull: boolean;
  /** Added in the release that is judged: nobody uses it yet. */
  isNew?: boolean;
}

export interface Constraint {
  readonly kind: "check" | "foreign" | "unique" | "primary" | "exclude" | "notnull";
  isValid: boolean;
  /** Columns that it is about; of a CHECK, those it mentions. */
  readonly columns: readonly string[];
  /** A CHECK that is exactly `column IS NOT NULL`. */
  readonly provesNotNull?: string | undefined;
  readonly references?: string | undefined;
}

export interface Table {
  readonly name: string;
  readonly kind: "table" | "partitioned" | "view" | "matview" | "foreign";
  readonly columns: Map<string, Column>;
  readonly constraints: Map<string, Constraint>;
  /** The partition for rows that no other one takes. */
  defaultPartition?: string | undefined;
  /** All columns are known: no rest is hidden behind LIKE, INHERITS or AS. */
  isComplete: boolean;
  /** Nobody else can be at work on it: it was created in the release that is judged. */
  isNew: boolean;
  /** As the statistics have it; undefined where there are none, or no database was asked. */
  readonly rows?: number | undefined;
  /** With indexes and TOAST, and with its partitions; undefined where no database was asked. */
  readonly bytes?: number | undefined;
  /** The file of its rows has no page. */
  readonly isEmpty?: boolean | undefined;
  /** Views that read it, with the columns they read. */
  readonly views?:
    | readonly { readonly view: string; readonly columns: readonly string[] }[]
    | undefined;
}

// Below this, PostgreSQL reads and writes all of a table in a time that nobody notices.
const smallRows = 10_000;
const smallBytes = 16 * 1024 * 1024;
// A page of 8 kB has room for 291 rows at most (MaxHeapTuplesPerPage).
const smallWhateverRows = Math.floor((smallRows / 291) * 8192);

/**
 * True for a table of which a database says so; of one that no database was asked about, nothing is
 * known. One that was never analyzed is small where its pages have no room for many rows.
 */
export function isSmall({ rows, bytes }: Pick<Table, "rows" | "bytes">): boolean {
  if (bytes === undefined) return false;
  return rows === undefined ? bytes < smallWhateverRows : rows < smallRows && bytes < smallBytes;
}

export interface Index {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly isUnique: boolean;
  /** The index is that of a constraint and goes with it. */
  readonly constraint?: string | undefined;
}

export type Volatility = "immutable" | "stable" | "volatile";

/** Names are as SQL without quotes, `public.` left out: most scripts leave it out. */
export function keyOf(name: string): string {
  return name.replace(/^public\./, "");
}

function lastOf(name: string): string {
  return name.split(".").at(-1) ?? name;
}

/** The schema of a session's temporary tables, under which the model has them. */
export const temporarySchema = "pg_temp";

/** By name; which of them are temporary is asked once for each file. */
class Tables extends Map<string, Table> {
  /** Without their schema. */
  readonly temporary = new Set<string>();

  override set(name: string, table: Table): this {
    const temporary = temporaryName(name);
    if (temporary !== undefined) this.temporary.add(temporary);
    return super.set(name, table);
  }

  override delete(name: string): boolean {
    const temporary = temporaryName(name);
    if (temporary !== undefined) this.temporary.delete(temporary);
    return super.delete(name);
  }
}

function temporaryName(name: string): string | undefined {
  return name.startsWith(`${temporarySchema}.`)
    ? name.slice(temporarySchema.length + 1)
    : undefined;
}

/** The state of a schema between two statements. */
export class Model {
  readonly tables = new Tables();
  readonly indexes = new Map<string, Index>();
  /** By name; `undefined` volatility is a function that was created without saying. */
  readonly functions = new Map<string, Volatility>();
  readonly domains = new Map<string, { hasConstraint: boolean; base: string }>();
  /** Schemas of unqualified names besides public. */
  searchPath: readonly string[] = [];
  /** The one that the session has before any file sets another, and behind each file. */
  sessionPath: readonly string[] = [];
  /** The time zone of the session is UTC: then timestamp and timestamptz are stored alike. */
  isUtc = false;
  /** Major version of the server that the statements must run on. */
  server = 15;
  /** A catalog was read: what is not in here is not there. */
  isWhole = false;

  table(name: string): Table | undefined {
    return this.find(this.tables, name);
  }

  index(name: string): Index | undefined {
    return this.find(this.indexes, name);
  }

  /** The entry of a name as written, looked for where the search path leads. */
  find<T>(map: ReadonlyMap<string, T>, name: string): T | undefined {
    for (const schema of name.includes(".") ? [] : this.searchPath) {
      const found = map.get(keyOf(`${schema}.${name}`));
      if (found !== undefined) return found;
    }
    return map.get(keyOf(name));
  }

  /** Tables and columns that are new. */
  readonly #fresh = new Set<{ isNew?: boolean }>();

  /** Marks a table or a column as one that the release that is judged has made. */
  markNew(one: { isNew?: boolean }): void {
    one.isNew = true;
    this.#fresh.add(one);
  }

  /** A file begins: settings do not outlast the one before it. */
  beginFile(): void {
    this.searchPath = this.sessionPath;
  }

  /** The release is out: what it created is in use from now on. */
  settle(): void {
    for (const one of this.#fresh) one.isNew = false;
    this.#fresh.clear();
  }

  /**
   * Tables with a column of the domain, or of a domain over it. Types are known by their last part,
   * so one of the same name in another schema counts too.
   */
  tablesOfDomain(name: string): Table[] {
    const types = new Set([lastOf(name)]);
    for (let size = 0; size < types.size;) {
      size = types.size;
      for (const [domain, { base }] of this.domains) if (types.has(base)) types.add(lastOf(domain));
    }
    return [...this.tables.values()].filter(
      ({ kind, columns }) =>
        (kind === "table" || kind === "partitioned" || kind === "matview") &&
        [...columns.values()].some(({ type, isArray }) => !isArray && types.has(type)),
    );
  }

  indexesOf(table: Table): Index[] {
    const found: Index[] = [];
    for (const index of this.indexes.values()) if (index.table === table.name) found.push(index);
    return found;
  }
}
