/** The handbook of a schema: what the catalog says, with what the project's files add. */
import { countOf, formatNames } from "../db/amount.ts";
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import { groupBy } from "../schema/relations.ts";
import { classify } from "../pii/classify.ts";
import { applyIgnored } from "../pii/ignore.ts";
import type { Declared } from "./declared.ts";
import { auditOf, partitioningOf, rightsOf } from "./declared-of.ts";
import type { Handbook, SchemaPart, Table } from "./model.ts";
import { personalOf } from "./personal.ts";
import { readSchema, type CatalogTable } from "./read.ts";

export interface HandbookOptions {
  /** The database's name unless given. */
  readonly title: string | undefined;
  /** Also what changes while the schema stays: sizes, rows, single partitions. */
  readonly hasSizes: boolean;
  readonly ledger: { readonly schema: string; readonly table: string };
  readonly declared: Declared;
}

/**
 * Reads the catalogs only, no rows. The same schema gives the same handbook, unless sizes are asked for.
 *
 * @throws PgwrightError `sql-failed` when the schema changes all the while.
 */
export async function readHandbook(session: Session, options: HandbookOptions): Promise<Handbook> {
  const { declared, hasSizes } = options;
  const { database, tables, types } = await readSchema(session, options);
  const { left, problems } = applyIgnored(await classify(session), declared.ignored, {
    // What is over by now is told by pii-scan; here it would change the text without the schema.
    today: "0000-00-00",
    columns: undefined,
  });
  const complete = ({
    auditTriggers,
    partitionKey,
    partitions,
    ...table
  }: CatalogTable): Table => ({
    ...table,
    columns: table.columns.map((column) => ({
      ...column,
      personal: personalOf(table, column.name, left, declared.masking),
    })),
    rights: rightsOf(table, declared.access),
    audit: auditOf(table, auditTriggers, declared.audit),
    partitioning:
      partitionKey === undefined
        ? undefined
        : partitioningOf(
            table,
            partitionKey,
            declared.partitions,
            hasSizes ? partitions : undefined,
          ),
    size: hasSizes ? table.size : undefined,
  });
  const tablesBySchema = groupBy(tables.map(complete), ({ schema }) => schema);
  const typesBySchema = groupBy(types, ({ schema }) => schema);
  const names = [...new Set([...tablesBySchema.keys(), ...typesBySchema.keys()])].toSorted();
  return {
    title: options.title ?? database.name,
    comment: database.comment ?? undefined,
    schemas: names.map((name): SchemaPart => ({
      name,
      comment: database.schemas[name],
      tables: tablesBySchema.get(name) ?? [],
      types: typesBySchema.get(name) ?? [],
    })),
    sizes: hasSizes
      ? {
          database: database.name,
          serverVersion: session.server.version,
          bytes: database.bytes,
          at: database.at,
        }
      : undefined,
    findings: [...problems, ...missingAudits(tables, declared)],
  };
}

function missingAudits(tables: readonly CatalogTable[], { audit }: Declared): Finding[] {
  if (!audit) return [];
  const names = Object.keys(audit.file.tables);
  const found = new Map(tables.map((table) => [`${table.schema}.${table.name}`, table]));
  const gone = names.filter((name) => !found.has(name));
  const silent = names.filter((name) => found.get(name)?.auditTriggers.length === 0);
  const tell = (which: readonly string[], what: string): Finding[] => {
    const [first] = which;
    if (first === undefined) return [];
    return [
      {
        rule: "docs/not-audited",
        severity: "warning",
        message: `audit.yaml names ${countOf(which.length, "table")} ${what}: ${formatNames(which)}`,
        hint: "`pgwright policies plan` shows what differs",
        at: audit.placeOf("tables", first),
        source: audit.source,
      },
    ];
  };
  return [
    ...tell(gone, "that the database does not have"),
    ...tell(silent, "whose changes the database does not record"),
  ];
}
