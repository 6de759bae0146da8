/** What partitions have from the table or index that they are attached to. */
import { defaultName } from "./default-name.ts";
import type { DumpedObject } from "./dump.ts";

/** The label of the partitioned table or index that a table or index is attached to. */
export function parentOf({
  label,
  statements,
}: Pick<DumpedObject, "label" | "statements">): string | undefined {
  const [kind = ""] = /^(?:index|table) /.exec(label) ?? [];
  if (kind === "") return undefined;
  const attach = new RegExp(`^ALTER ${kind.toUpperCase()}(.+?) ATTACH PARTITION `, "s");
  for (const statement of statements) {
    const parent = attach.exec(statement)?.[1];
    if (parent !== undefined) return `${kind}${parent}`;
  }
  return undefined;
}

/**
 * The name that a partition's constraint gets when its parent gets one: a key is named after the
 * partition and its columns, a CHECK as the parent's. Not quoted, like `table` and `parents`.
 *
 * @param text the constraint without its name: `UNIQUE (a, b)`.
 */
export function inheritedName(table: string, text: string, parents: string): string {
  if (/^PRIMARY KEY\b/.test(text)) return defaultName(table, undefined, "pkey");
  if (!/^UNIQUE\b/.test(text)) return parents;
  const lists = text.matchAll(/\(([^()]*)\)/g);
  const columns = [...lists].flatMap(([, list = ""]) =>
    [...list.matchAll(/"((?:[^"]|"")*)"|[^\s,"]+/g)].map(
      ([name, quoted]) => quoted?.replaceAll('""', '"') ?? name,
    ),
  );
  return defaultName(table, columns.join("_"), "key");
}
