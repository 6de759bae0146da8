/**
 * The one table of facts: what a kind of statement locks, and what it must read or write for that.
 * `lint`, `migrate --dry-run` and `policies plan` all go by it; test/integration/locks measures every
 * line of it anew on each supported server.
 */
import type { LockMode } from "./mode.ts";

/**
 * What takes time that grows with the table: `scan` reads every row, `index` builds an index (which
 * reads every row too), `rewrite` writes the table and its indexes anew.
 */
export type Work = "none" | "scan" | "index" | "rewrite";

export interface Fact {
  /** The statement, in short. */
  readonly form: string;
  /** Strongest lock on the table that it is about. */
  readonly lock: LockMode;
  readonly work: Work;
  /** The other table that is locked with it: the referenced one, the partition, the parent. */
  readonly other?: { readonly role: string; readonly lock: LockMode; readonly work?: Work };
  /** First major version that knows the statement; 15 where nothing is said. */
  readonly since?: number;
  /** PostgreSQL refuses it in a transaction block. */
  readonly runsAlone?: boolean;
  /** Its scan is in no counter of the server, so that no test can measure it. */
  readonly isUncounted?: boolean;
}

const fact = (
  form: string,
  lock: LockMode,
  work: Work = "none",
  more: Partial<Fact> = {},
): Fact => ({
  form,
  lock,
  work,
  ...more,
});

const AE = "ACCESS EXCLUSIVE";
const SRE = "SHARE ROW EXCLUSIVE";
const SUE = "SHARE UPDATE EXCLUSIVE";
const referenced = { role: "the referenced table", lock: SRE } as const;

export const facts = {
  // columns
  "add-column": fact("ADD COLUMN without a default", AE),
  "add-column-default": fact("ADD COLUMN … DEFAULT that is not volatile, as now()", AE),
  "add-column-volatile": fact("ADD COLUMN … DEFAULT that is volatile, as random()", AE, "rewrite"),
  "add-column-numbered": fact("ADD COLUMN … serial or identity", AE, "rewrite"),
  "add-column-stored": fact("ADD COLUMN … GENERATED … STORED", AE, "rewrite"),
  "add-column-virtual": fact("ADD COLUMN … GENERATED … VIRTUAL", AE, "none", { since: 18 }),
  "add-column-virtual-required": fact("ADD COLUMN … GENERATED … VIRTUAL NOT NULL", AE, "scan", {
    since: 18,
  }),
  "add-column-domain": fact("ADD COLUMN of a domain with a constraint", AE, "rewrite"),
  "add-column-check": fact("ADD COLUMN … CHECK", AE, "scan"),
  "add-column-unique": fact("ADD COLUMN … UNIQUE or PRIMARY KEY", AE, "index"),
  "add-column-reference": fact("ADD COLUMN … REFERENCES, without a default", AE, "none", {
    other: referenced,
  }),
  "add-column-required": fact("ADD COLUMN … NOT NULL without a default", AE, "scan"),
  "drop-column": fact("DROP COLUMN", AE),
  "set-default": fact("ALTER COLUMN … SET or DROP DEFAULT", AE),
  "set-not-null": fact("SET NOT NULL", AE, "scan"),
  "set-not-null-proven": fact("SET NOT NULL where a valid CHECK proves it", AE),
  "drop-not-null": fact("DROP NOT NULL", AE),
  "alter-type-rewrite": fact("ALTER COLUMN … TYPE that changes what is stored", AE, "rewrite"),
  "alter-type-binary": fact("ALTER COLUMN … TYPE that is stored alike, as varchar to text", AE),
  "alter-type-checked": fact(
    "ALTER COLUMN … TYPE, stored alike, with a CHECK on the column",
    AE,
    "scan",
  ),
  "alter-type-index": fact(
    "ALTER COLUMN … TYPE, stored alike, with an index of another order, an expression or a condition",
    AE,
    "index",
  ),
  "add-identity": fact("ALTER COLUMN … ADD GENERATED AS IDENTITY", AE),
  "drop-identity": fact("ALTER COLUMN … DROP IDENTITY", AE),
  "drop-expression": fact("ALTER COLUMN … DROP EXPRESSION", AE),
  "set-expression": fact("ALTER COLUMN … SET EXPRESSION", AE, "rewrite", { since: 17 }),
  "set-statistics": fact("ALTER COLUMN … SET STATISTICS or SET (…)", SUE),
  "set-storage": fact("ALTER COLUMN … SET STORAGE", AE),
  "set-compression": fact("ALTER COLUMN … SET COMPRESSION", AE),
  // constraints
  "add-check": fact("ADD CHECK", AE, "scan"),
  "add-check-not-valid": fact("ADD CHECK … NOT VALID", AE),
  "validate-check": fact("VALIDATE CONSTRAINT of a CHECK", SUE, "scan"),
  "add-not-null-not-valid": fact("ADD NOT NULL … NOT VALID", AE, "none", { since: 18 }),
  "validate-not-null": fact("VALIDATE CONSTRAINT of a NOT NULL", SUE, "scan", { since: 18 }),
  "add-foreign-key": fact("ADD FOREIGN KEY", SRE, "scan", {
    other: { ...referenced, work: "scan" },
  }),
  "add-foreign-key-not-valid": fact("ADD FOREIGN KEY … NOT VALID", SRE, "none", {
    other: referenced,
  }),
  "validate-foreign-key": fact("VALIDATE CONSTRAINT of a FOREIGN KEY", SUE, "scan", {
    other: { role: "the referenced table", lock: "ROW SHARE", work: "scan" },
  }),
  "add-unique": fact("ADD UNIQUE", AE, "index"),
  "add-primary-key": fact("ADD PRIMARY KEY", AE, "index"),
  "add-key-only": fact("ADD UNIQUE or PRIMARY KEY to ONLY a partitioned table", AE),
  "add-unique-using-index": fact("ADD UNIQUE USING INDEX", AE),
  "add-primary-key-using-index": fact("ADD PRIMARY KEY USING INDEX, columns not null", AE),
  "add-primary-key-nullable": fact("ADD PRIMARY KEY USING INDEX, a column nullable", AE, "scan"),
  "add-exclusion": fact("ADD EXCLUDE", AE, "index"),
  "drop-constraint": fact("DROP CONSTRAINT", AE),
  "drop-foreign-key": fact("DROP CONSTRAINT of a FOREIGN KEY", AE, "none", {
    other: { role: "the referenced table", lock: AE },
  }),
  "alter-constraint": fact("ALTER CONSTRAINT", AE),
  // domains; a constraint that is NOT VALID locks no table
  "alter-domain": fact(
    "ALTER DOMAIN … ADD CHECK or SET NOT NULL, on a table with a column of it",
    "SHARE",
    "scan",
  ),
  "validate-domain": fact(
    "ALTER DOMAIN … VALIDATE CONSTRAINT, on a table with a column of it",
    "SHARE",
    "scan",
  ),
  // the table as a whole
  rename: fact("RENAME of a table, column or constraint", AE),
  "set-schema": fact("SET SCHEMA", AE),
  owner: fact("OWNER TO", AE),
  "set-tablespace": fact("SET TABLESPACE", AE, "rewrite"),
  "set-logged": fact("SET LOGGED or SET UNLOGGED", AE, "rewrite"),
  "set-access-method": fact("SET ACCESS METHOD", AE, "rewrite"),
  "set-options": fact("SET or RESET (fillfactor, autovacuum …)", SUE),
  "cluster-on": fact("CLUSTER ON, SET WITHOUT CLUSTER", SUE),
  "enable-trigger": fact("ENABLE or DISABLE TRIGGER", SRE),
  "enable-rule": fact("ENABLE or DISABLE RULE", AE),
  "row-security": fact("ENABLE, DISABLE or FORCE ROW LEVEL SECURITY", AE),
  "replica-identity": fact("REPLICA IDENTITY", AE),
  inherit: fact("INHERIT", AE, "none", { other: { role: "the parent", lock: SUE } }),
  "no-inherit": fact("NO INHERIT", AE, "none", {
    other: { role: "the parent", lock: "ACCESS SHARE" },
  }),
  "attach-partition": fact("ATTACH PARTITION", SUE, "none", {
    other: { role: "the partition", lock: AE, work: "scan" },
  }),
  "attach-partition-proven": fact(
    "ATTACH PARTITION where a valid CHECK proves the bounds",
    SUE,
    "none",
    {
      other: { role: "the partition", lock: AE },
    },
  ),
  "attach-beside-default": fact("ATTACH PARTITION beside a default one", SUE, "none", {
    other: { role: "the default partition", lock: AE, work: "scan" },
  }),
  "attach-beside-default-proven": fact(
    "ATTACH PARTITION beside a default one whose valid CHECK excludes the rows",
    SUE,
    "none",
    { other: { role: "the default partition", lock: AE } },
  ),
  "attach-partition-reference": fact(
    "ATTACH PARTITION to a table with a FOREIGN KEY",
    SUE,
    "none",
    {
      other: { ...referenced, work: "scan" },
    },
  ),
  "attach-empty-reference": fact(
    "ATTACH PARTITION, without rows, to a table with a FOREIGN KEY",
    SUE,
    "none",
    { other: referenced },
  ),
  "detach-partition": fact("DETACH PARTITION", AE, "none", {
    other: { role: "the partition", lock: AE },
  }),
  "detach-partition-concurrently": fact("DETACH PARTITION … CONCURRENTLY", SUE, "none", {
    runsAlone: true,
    other: { role: "the partition, briefly at the end", lock: AE },
  }),
  // indexes
  "create-index": fact("CREATE INDEX", "SHARE", "index"),
  "create-index-only": fact("CREATE INDEX ON ONLY a partitioned table, which builds none", "SHARE"),
  "create-index-concurrently": fact("CREATE INDEX CONCURRENTLY", SUE, "index", { runsAlone: true }),
  "drop-index": fact("DROP INDEX", AE),
  "drop-index-concurrently": fact("DROP INDEX CONCURRENTLY", SUE, "none", { runsAlone: true }),
  reindex: fact("REINDEX TABLE", "SHARE", "index"),
  "reindex-concurrently": fact("REINDEX TABLE CONCURRENTLY", SUE, "index", { runsAlone: true }),
  "alter-index": fact("ALTER INDEX … RENAME or SET (…), on the index", SUE),
  "move-index": fact("ALTER INDEX … SET TABLESPACE, on the index", AE, "rewrite"),
  "create-statistics": fact("CREATE STATISTICS", SUE),
  // what belongs to a table
  "create-trigger": fact("CREATE TRIGGER", SRE),
  "drop-trigger": fact("DROP TRIGGER", AE),
  "create-rule": fact("CREATE RULE", AE),
  "drop-rule": fact("DROP RULE", AE),
  "create-policy": fact("CREATE, ALTER or DROP POLICY", AE),
  "comment-on": fact("COMMENT ON a table or column", SUE),
  // whole tables
  "create-table": fact("CREATE TABLE", AE),
  "create-table-reference": fact("CREATE TABLE … REFERENCES", AE, "none", { other: referenced }),
  "create-partition": fact("CREATE TABLE … PARTITION OF", AE, "none", {
    other: { role: "the partitioned table", lock: AE },
  }),
  "create-beside-default": fact("CREATE TABLE … PARTITION OF beside a default one", AE, "none", {
    other: { role: "the default partition", lock: AE, work: "scan" },
  }),
  "create-beside-default-proven": fact(
    "CREATE TABLE … PARTITION OF beside a default one whose valid CHECK excludes the rows",
    AE,
    "none",
    { other: { role: "the default partition", lock: AE } },
  ),
  "drop-table": fact("DROP TABLE", AE),
  truncate: fact("TRUNCATE", AE),
  "lock-table": fact("LOCK TABLE … IN ACCESS EXCLUSIVE MODE", AE),
  "replace-view": fact("CREATE OR REPLACE VIEW of one that is there", AE),
  "drop-view": fact("DROP VIEW", AE),
  "refresh-view": fact("REFRESH MATERIALIZED VIEW", AE, "rewrite"),
  "refresh-view-concurrently": fact("REFRESH MATERIALIZED VIEW CONCURRENTLY", "EXCLUSIVE", "scan"),
  // maintenance
  "vacuum-full": fact("VACUUM FULL", AE, "rewrite", { runsAlone: true }),
  cluster: fact("CLUSTER", AE, "rewrite"),
  vacuum: fact("VACUUM", SUE, "scan", { runsAlone: true, isUncounted: true }),
  analyze: fact("ANALYZE", SUE),
  // rows
  write: fact("INSERT, UPDATE, DELETE, MERGE, COPY FROM", "ROW EXCLUSIVE"),
  read: fact("SELECT, COPY TO", "ACCESS SHARE"),
} as const satisfies Record<string, Fact>;

export type FactName = keyof typeof facts;

/** A fact by its name, with its optional fields. */
export function factOf(name: FactName): Fact {
  return facts[name];
}
