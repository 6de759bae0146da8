/** Reads the files of seeds/. */
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Mistake, throwMistakes } from "../config/mistake.ts";
import { readTextFile } from "../config/text-file.ts";
import { parseYamlFile } from "../config/yaml-file.ts";
import { PgwrightError } from "../errors.ts";
import type { Location } from "../errors.ts";
import type { ReferenceFile } from "./reference.ts";
import { readMoment } from "./options.ts";
import type { PerParent, SeedRequest, Spec, TableRequest } from "./request.ts";
import { usualAsOf } from "./request.ts";
import { type SeedFile, seedSchema, type SpecInput } from "./schema.ts";

export interface Seeds {
  readonly request: SeedRequest;
  readonly reference: readonly ReferenceFile[];
  /** Where tables and columns stand, by `table` and `table.column`. */
  readonly places: ReadonlyMap<string, Location>;
}

/** What the command line says instead of the files. */
export interface Overrides {
  readonly seed: string | undefined;
  readonly scale: number;
  /** Seconds since 1970 UTC. */
  readonly asOf: number | undefined;
}

/**
 * Every `*.yaml` and `*.sql` of the directory, by name; a directory that is not there holds none.
 *
 * @throws PgwrightError `config-invalid` with every mistake, `seeds-unreadable`.
 */
export async function readSeeds(
  directory: string,
  overrides: Overrides,
  from = ".",
): Promise<Seeds> {
  const reference: ReferenceFile[] = [];
  const mistakes: Mistake[] = [];
  const places = new Map<string, Location>();
  const tables: Record<string, TableRequest> = {};
  const said: { seed?: string; as_of?: string; locale?: SeedFile["locale"] } = {};
  for (const name of await listFiles(directory)) {
    const path = join(directory, name);
    const file = relative(from, path) || path;
    const text = await read(path, file);
    if (name.endsWith(".sql")) {
      reference.push({ file, text });
      continue;
    }
    const parsed = parseYamlFile(seedSchema, text, file, mistakes);
    if (!parsed) continue;
    const { data, locations } = parsed;
    for (const key of ["seed", "as_of", "locale"] as const) {
      if (data[key] === undefined) continue;
      if (said[key] !== undefined) {
        mistakes.push({
          at: locations.get(key),
          message: `\`${key}\` is said in another file too`,
        });
      }
      Object.assign(said, { [key]: data[key] });
    }
    for (const [table, wanted] of Object.entries(data.tables)) {
      const at = locations.get(`tables.${table}`);
      if (tables[table]) mistakes.push({ at, message: `\`${table}\` stands in another file too` });
      if (at) places.set(table, at);
      for (const column of Object.keys(wanted.columns)) {
        const place = locations.get(`tables.${table}.columns.${column}`);
        if (place) places.set(`${table}.${column}`, place);
      }
      tables[table] = toTable(wanted);
    }
  }
  throwMistakes(mistakes);
  return {
    request: {
      seed: overrides.seed ?? said.seed ?? "pgwright",
      locale: said.locale ?? "en",
      asOf:
        overrides.asOf ??
        (said.as_of === undefined ? undefined : readMoment(said.as_of)) ??
        usualAsOf,
      scale: overrides.scale,
      tables,
    },
    reference,
    places,
  };
}

async function listFiles(directory: string): Promise<string[]> {
  try {
    const names = await readdir(directory);
    return names.filter((name) => /\.(ya?ml|sql)$/.test(name)).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw unreadable(directory, error);
  }
}

async function read(path: string, file: string): Promise<string> {
  try {
    return await readTextFile(path, file, "seeds-unreadable");
  } catch (error) {
    if (error instanceof PgwrightError) throw error;
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): PgwrightError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new PgwrightError("seeds-unreadable", `${path} cannot be read: ${why}`, { cause });
}

type TableInput = SeedFile["tables"][string];

function toTable({ rows, columns }: TableInput): TableRequest {
  return {
    rows: typeof rows === "object" ? toPerParent(rows) : rows,
    columns: Object.fromEntries(
      Object.entries(columns).map(([name, { null_share: nullShare, ...input }]) => [
        name,
        { spec: toSpec(input as SpecInput), nullShare },
      ]),
    ),
  };
}

function toPerParent({
  per,
  min,
  max,
  zipf,
}: Exclude<TableInput["rows"], number | undefined>): PerParent {
  return zipf === undefined
    ? { per, kind: "range", min, max }
    : { per, kind: "zipf", exponent: zipf, min, max };
}

function toSpec(input: SpecInput): Spec | undefined {
  if (input.weights) return weighted(Object.keys(input.weights), Object.values(input.weights));
  if (input.values) {
    return weighted(
      input.values.map((value) => (value === null ? null : String(value))),
      input.values.map(() => 1),
    );
  }
  if (input.range) {
    const [min, max] = input.range;
    return { kind: "range", min, max, digits: input.digits ?? 0 };
  }
  if (input.days) return { kind: "days", min: input.days[0], max: input.days[1] };
  if (input.generator !== undefined) return { kind: "generator", name: input.generator };
  if (input.count !== undefined) return { kind: "count", table: input.count };
  if (input.list) {
    const of = toSpec(input.list.of);
    if (of) return { kind: "list", of, min: input.list.min, max: input.list.max };
  }
  if (input.object) {
    const members = Object.entries(input.object).flatMap(([name, member]) => {
      const spec = toSpec(member);
      return spec ? [[name, spec] as const] : [];
    });
    return { kind: "object", members: Object.fromEntries(members) };
  }
  return "value" in input ? { kind: "constant", value: input.value } : undefined;
}

function weighted(values: readonly (string | null)[], weights: readonly number[]): Spec {
  let sum = 0;
  return { kind: "weights", values, upTo: weights.map((weight) => (sum += weight)) };
}
