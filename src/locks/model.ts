/** What is known of tables, columns and functions: learnt from files, read from a catalog, or both. */

export interface Column {
  /** Last part of the type's name, as the parser has it: `int4`, `varchar`, `my_domain`. */
  readonly type: string;
  /** `varchar(20)` has 20; `numeric(10, 2)` has 10 and 2. */
  readonly modifiers: readonly number[];
  readonly isArray: boolean;
  /** Where it is not that of the type. */
  readonly collation?: string | undefined;
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
  /** The columns by which rows find their partition; undefined where they are not known, or not columns alone. */
  partitionKey?: readonly string[] | undefined;
  hasRowSecurity?: boolean | undefined;
  /** By name: is it permissive? */
  policies?: Map<string, boolean> | undefined;
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

/** What a change of a column's type has to do with an index. */
export interface IndexParts {
  /** Columns that it has by their values, also where it has only some rows. */
  readonly keys: readonly string[];
  /** Those of them that have another collation in it than the column. */
  readonly collated: readonly string[];
  /** All columns that it needs, also in expressions, in its condition and behind INCLUDE. */
  readonly uses: readonly string[];
  /** It has an expression or a condition. */
  readonly isComputed: boolean;
}

export interface Index extends IndexParts {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly isUnique: boolean;
  /** The index is that of a constraint and goes with it. */
  readonly constraint?: string | undefined;
  /** False for one of EXCLUDE that is of another kind. */
  readonly isBtree?: boolean;
}

export type Volatility = "immutable" | "stable" | "volatile";

/** Names are as SQL without quotes, `public.` left out: most scripts leave it out. */
export function keyOf(name: string): string {
  return name.startsWith("public.") ? name.slice("public.".length) : name;
}

function lastOf(name: string): string {
  return name.split(".").at(-1) ?? name;
}

/** The schema of a session's temporary tables, under which the model has them. */
export const temporarySchema = "pg_temp";

/** By name; those that are temporary are asked for once a file. */
class Tables extends Map<string, Table> {
  readonly temporary = new Set<Table>();

  override set(name: string, table: Table): this {
    this.delete(name);
    if (isTemporary(name)) this.temporary.add(table);
    return super.set(name, table);
  }

  override delete(name: string): boolean {
    const table = this.get(name);
    if (table !== undefined) this.temporary.delete(table);
    return super.delete(name);
  }
}

/** By name, and by table: a history of a thousand files has more of them than one wants to look through. */
class Indexes extends Map<string, Index> {
  readonly #byTable = new Map<string, Map<string, Index>>();

  /** In the order in which they came. */
  of(table: string): Index[] {
    return [...(this.#byTable.get(table)?.values() ?? [])];
  }

  override set(name: string, index: Index): this {
    const before = this.get(name);
    if (before !== undefined && before.table !== index.table) this.delete(name);
    const own = this.#byTable.get(index.table);
    if (own === undefined) this.#byTable.set(index.table, new Map([[name, index]]));
    else own.set(name, index);
    return super.set(name, index);
  }

  override delete(name: string): boolean {
    const index = this.get(name);
    if (index !== undefined) this.#byTable.get(index.table)?.delete(name);
    return super.delete(name);
  }
}

const isTemporary = (name: string) => name.startsWith(`${temporarySchema}.`);

/** The state of a schema between two statements. */
export class Model {
  readonly tables = new Tables();
  readonly indexes = new Indexes();
  /** By name; `undefined` volatility is a function that was created without saying. */
  readonly functions = new Map<string, Volatility>();
  /** By the name of a function: does it have a search_path of its own? */
  readonly ownPaths = new Map<string, boolean>();
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
    if (this.searchPath.length > 0 && !name.includes(".")) {
      for (const schema of this.searchPath) {
        // Names of temporary tables have been given their schema: another one is none of them.
        if (schema === temporarySchema) continue;
        const found = map.get(keyOf(`${schema}.${name}`));
        if (found !== undefined) return found;
      }
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

  /** A file begins: settings and temporary tables do not outlast the one before it. */
  beginFile(): void {
    this.searchPath = this.sessionPath;
    this.dropTemporary();
  }

  dropTemporary(): void {
    for (const table of this.tables.temporary) {
      for (const { name } of this.indexesOf(table)) this.indexes.delete(name);
      this.tables.delete(table.name);
    }
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

  indexesOf({ name }: Pick<Table, "name">): Index[] {
    return this.indexes.of(name);
  }
}
