/** Copies for tests, with masks given by hand instead of by policies/masking.yaml. */
import { copyDatabase } from "../../src/anonymize/copy/copy.ts";
import type { CopyRequest } from "../../src/anonymize/copy/request.ts";
import type { CopyResult } from "../../src/anonymize/copy/result.ts";
import { copyToFiles, type FilesRequest } from "../../src/anonymize/copy/to-files.ts";
import type { Open } from "../../src/anonymize/copy/open.ts";
import type { MaskingPlan } from "../../src/anonymize/plan.ts";
import { qualified } from "../../src/db/identifier.ts";
import type { Session } from "../../src/db/session.ts";
import { connectTo } from "./connection.ts";

/** Expressions over `t`, by `schema.table.column`. */
export type Masks = Readonly<Record<string, string>>;

/** Every stored column, masked where a mask is given. */
export async function planByHand(session: Session, masks: Masks): Promise<MaskingPlan> {
  const rows = await session.query<{
    oid: number;
    schema: string;
    name: string;
    root: { schema: string; name: string } | null;
    columns: readonly string[];
  }>(`select c.oid, n.nspname as schema, c.relname as name,
        (select json_build_object('schema', rn.nspname, 'name', r.relname)
         from pg_class r join pg_namespace rn on rn.oid = r.relnamespace
         where c.relispartition and r.oid = pg_partition_root(c.oid)) as root,
        (select coalesce(json_agg(a.attname order by a.attnum), '[]') from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`);
  return {
    settings: [{ name: "pgwright.test", value: "subkey" }],
    keyFingerprint: "0123456789abcdef",
    isKeyEphemeral: false,
    rulesHash: "",
    tables: rows.map(({ oid, schema, name, root, columns }) => ({
      oid,
      schema,
      name,
      from: `ONLY ${qualified(schema, name)} t`,
      // Any mask may be one of the partition key.
      ...(root !== null && columns.some((column) => masks[`${schema}.${name}.${column}`])
        ? { routeTo: root }
        : {}),
      columns: columns.map((column) => {
        const expression = masks[`${schema}.${name}.${column}`];
        return expression === undefined
          ? { name: column, rules: [{ masker: "keep" }] }
          : { name: column, expression, rules: [{ masker: "sql" }] };
      }),
    })),
  };
}

export function opener(url: string): Open {
  return ({ database, writes, signal }) =>
    connectTo(url, { writes, signal, ...(database === undefined ? {} : { database }) });
}

export function copyBetween(
  source: { readonly url: string },
  target: { readonly url: string; readonly name?: string },
  more: Partial<CopyRequest> & { readonly masks?: Masks } = {},
): Promise<CopyResult> {
  return copyDatabase({
    openSource: opener(source.url),
    openTarget: opener(target.url),
    targetDatabase: target.name ?? decodeURIComponent(new URL(target.url).pathname.slice(1)),
    planMasking: (session) => planByHand(session, more.masks ?? {}),
    ledger: undefined,
    replace: undefined,
    omitOwners: false,
    omitGrants: false,
    jobs: 2,
    dryRun: false,
    events: () => {},
    ...more,
  });
}

export function copyIntoFiles(
  source: { readonly url: string },
  output: string,
  more: Partial<FilesRequest> & { readonly masks?: Masks } = {},
): Promise<CopyResult> {
  return copyToFiles({
    openSource: opener(source.url),
    output,
    shownOutput: "copy",
    planMasking: (session) => planByHand(session, more.masks ?? {}),
    ledger: undefined,
    omitOwners: false,
    omitGrants: false,
    jobs: 2,
    dryRun: false,
    events: () => {},
    ...more,
  });
}
