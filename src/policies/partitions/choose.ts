/** Which partitions.yaml and which of its tables a command is about. */
import { splitName } from "../../db/identifier.ts";
import { PgwrightError } from "../../errors.ts";
import type { DeclaredPartitions, DeclaredTable } from "./declared.ts";
import { partitionsFile, readPartitions } from "./declared.ts";
import { startOfDate } from "./periods.ts";

/**
 * The declarations below a policies directory; undefined without the file.
 *
 * @throws PgwrightError `policies-invalid` for mistakes in it.
 */
export async function mustReadPartitions(
  directory: string,
): Promise<DeclaredPartitions | undefined> {
  const { declared, findings } = await readPartitions(directory);
  const [first] = findings;
  if (!first) return declared;
  const { message, at, source } = first;
  if (findings.length === 1) throw new PgwrightError("policies-invalid", message, { at, source });
  throw new PgwrightError("policies-invalid", `${partitionsFile} has ${findings.length} mistakes`, {
    at,
    notes: findings.map((one) => `${one.at?.line}:${one.at?.column} ${one.message}`),
  });
}

/**
 * What `--table` names, by `schema.table`.
 *
 * @throws PgwrightError `usage` for what is no such name.
 */
export function tableFilter(names: readonly string[]): (table: DeclaredTable) => boolean {
  const wanted = names.map((name) => {
    const parts = splitName(name);
    if (parts?.length !== 2) {
      throw new PgwrightError("usage", `\`${name}\` is not \`schema.table\``, {
        hint: "write it as in partitions.yaml",
      });
    }
    return JSON.stringify(parts);
  });
  return ({ schema, table }) =>
    wanted.length === 0 || wanted.includes(JSON.stringify([schema, table]));
}

/**
 * The tables that `maintain` works on.
 *
 * @throws PgwrightError `config-not-found` without the file, `usage` for a name that is not in it.
 */
export function chooseTables(
  declared: DeclaredPartitions | undefined,
  names: readonly string[],
): DeclaredPartitions {
  if (!declared) {
    throw new PgwrightError("config-not-found", `there is no ${partitionsFile} to maintain`, {
      hint: `declare the partitioned tables in policies/${partitionsFile}; \`pgwright partitions list\` shows which there are`,
    });
  }
  for (const name of names) {
    if (declared.tables.some(tableFilter([name]))) continue;
    throw new PgwrightError("usage", `${name} is not declared in ${partitionsFile}`);
  }
  return { ...declared, tables: declared.tables.filter(tableFilter(names)) };
}

/** Noon (UTC) of `--as-of 2027-01-31`; undefined without it. @throws PgwrightError `usage`. */
export function readAsOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  try {
    return new Date(startOfDate("UTC", text).getTime() + 43_200_000);
  } catch (cause) {
    throw new PgwrightError("usage", `\`--as-of\` needs a date such as 2027-01-31`, { cause });
  }
}
