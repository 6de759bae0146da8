/** A few rows of each table as they are and as they would be. Nothing is written. */
import { ident, literal } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { findNearest } from "../config/nearest.ts";
import { nameOf, rootOf } from "./catalog.ts";
import type { CompiledTable } from "./compile/compile.ts";
import type { PlanOptions } from "./plan.ts";
import { inspectMasking, refuseErrors } from "./plan.ts";

export interface PreviewOptions extends PlanOptions {
  /** `schema.name`; none for all. */
  readonly tables: readonly string[];
  readonly rows: number;
  readonly showsOriginals: boolean;
}

export interface PreviewedTable {
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly masker: string }[];
  /** By column, as texts; `before` is absent where originals are not shown. */
  readonly rows: readonly {
    readonly before?: Readonly<Record<string, string | null>>;
    readonly after: Readonly<Record<string, string | null>>;
  }[];
}

export interface Preview {
  readonly tables: readonly PreviewedTable[];
  readonly keyFingerprint: string;
  readonly showsOriginals: boolean;
}

/** @throws PgwrightError `masking-refused` as the run would, `relation-unknown`. */
export async function previewMasking(session: Session, options: PreviewOptions): Promise<Preview> {
  const { compiled, plan, findings } = await inspectMasking(session, options);
  refuseErrors(findings, options.rules.file);
  const byRoot = new Map<string, CompiledTable[]>();
  for (const one of compiled.tables) {
    const root = nameOf(rootOf(compiled.catalog, one.table));
    byRoot.set(root, [...(byRoot.get(root) ?? []), one]);
  }
  const unknown = options.tables.find((name) => !byRoot.has(name));
  if (unknown !== undefined) {
    const near = findNearest(unknown, [...byRoot.keys()]);
    throw new PgwrightError("relation-unknown", `there is no table ${unknown} to preview`, {
      hint: near === undefined ? "name it as schema.table" : `did you mean ${near}?`,
    });
  }
  const tables: PreviewedTable[] = [];
  for (const [name, parts] of byRoot) {
    if (options.tables.length > 0 && !options.tables.includes(name)) continue;
    const columns = parts[0]?.masking.columns.filter((one) => one.expression !== undefined) ?? [];
    if (columns.length === 0) continue;
    tables.push({
      table: name,
      columns: columns.map((one) => ({
        name: one.name,
        masker: one.rules
          .map(({ path, masker }) => (path === undefined ? masker : `${path}: ${masker}`))
          .join(", "),
      })),
      rows: await readRows(session, parts, options),
    });
  }
  return { tables, keyFingerprint: plan.keyFingerprint, showsOriginals: options.showsOriginals };
}

async function readRows(
  session: Session,
  parts: readonly CompiledTable[],
  { rows: wanted, showsOriginals }: PreviewOptions,
): Promise<PreviewedTable["rows"]> {
  const found: PreviewedTable["rows"][number][] = [];
  for (const { masking } of parts) {
    if (found.length >= wanted) break;
    const columns = masking.columns.filter(({ expression }) => expression !== undefined);
    const pairs = (sql: (column: (typeof columns)[number]) => string) =>
      // 50 pairs are as many arguments as json_build_object takes.
      Array.from({ length: Math.ceil(columns.length / 50) }, (_, n) => {
        const some = columns.slice(n * 50, n * 50 + 50);
        return `jsonb_build_object(${some.map((one) => `${literal(one.name)}, (${sql(one)})::text`).join(", ")})`;
      }).join(" || ");
    const before = showsOriginals ? pairs(({ name }) => `t.${ident(name)}`) : "null::jsonb";
    const rows = await session.query<{
      before: Record<string, string>;
      after: Record<string, string>;
    }>(
      `select ${before} as before, ${pairs(({ expression = "" }) => expression)} as after
       from ${masking.from} limit ${wanted - found.length}`,
    );
    found.push(
      ...rows.map(({ before: original, after }) =>
        showsOriginals ? { before: original, after } : { after },
      ),
    );
  }
  return found;
}
