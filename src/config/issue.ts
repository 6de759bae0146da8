/** Puts what zod finds into sentences that name the key and never show the value. */
import type { z } from "zod/mini";
import { findNearest } from "./nearest.ts";

export interface SettingMistake {
  readonly path: readonly PropertyKey[];
  /** The key is wrong, not its value. */
  readonly isKey: boolean;
  readonly message: string;
}

/** One mistake for each thing that is wrong with `data` by this schema. */
export function listMistakes(
  schema: z.ZodMiniType,
  issues: readonly z.core.$ZodIssue[],
  data: unknown,
): SettingMistake[] {
  return issues.flatMap((issue): SettingMistake[] => {
    const { path } = issue;
    switch (issue.code) {
      case "unrecognized_keys":
        return issue.keys.map((key) => ({
          path: [...path, key],
          isKey: true,
          message: unknownKey(schema, path, key),
        }));
      case "invalid_key":
        return [
          { path, isKey: true, message: `\`${String(path.at(-1))}\` ${issue.issues[0]?.message}` },
        ];
      case "invalid_type":
        return [{ path, isKey: false, message: wrongKind(path, issue.expected, data) }];
      default:
        return [{ path, isKey: false, message: `${named(path)} ${issue.message}` }];
    }
  });
}

function named(path: readonly PropertyKey[]): string {
  return `\`${path.map(String).join(".")}\``;
}

function unknownKey(schema: z.ZodMiniType, path: readonly PropertyKey[], key: string): string {
  const known = listKeys(schema, path);
  const nearest = findNearest(key, known);
  const advice =
    nearest === undefined ? `known are ${known.join(", ")}` : `did you mean \`${nearest}\`?`;
  return `unknown key \`${key}\`; ${advice}`;
}

const kinds: Record<string, string> = {
  object: "keys and values",
  record: "keys and values",
  string: "a text",
  number: "a number",
  boolean: "true or false",
};

function wrongKind(path: readonly PropertyKey[], expected: string, data: unknown): string {
  const value = path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | null)?.[key],
    data,
  );
  const wanted = kinds[expected] ?? expected;
  if (path.length === 0) return `the file must hold ${wanted}, not ${kindOf(value)}`;
  if (value === null || value === undefined) {
    return `${named(path)} has no value; give it ${wanted} or remove the key`;
  }
  return `${named(path)} must be ${wanted}, not ${kindOf(value)}`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return kinds[typeof value] ?? typeof value;
}

/** The keys the schema knows at a path. */
function listKeys(root: z.ZodMiniType, path: readonly PropertyKey[]): string[] {
  let schema: unknown = root;
  for (const key of [...path, undefined]) {
    if (schema === undefined) return [];
    let definition = definitionOf(schema);
    while (definition.innerType !== undefined) definition = definitionOf(definition.innerType);
    // Of several forms, the one with keys.
    definition = definition.options?.map(definitionOf).find(({ shape }) => shape) ?? definition;
    if (key === undefined) return Object.keys(definition.shape ?? {});
    schema = definition.shape?.[String(key)] ?? definition.valueType ?? definition.element;
  }
  return [];
}

interface SchemaDefinition {
  readonly innerType?: unknown;
  readonly options?: readonly unknown[];
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly valueType?: unknown;
  readonly element?: unknown;
}

function definitionOf(schema: unknown): SchemaDefinition {
  return (schema as { _zod: { def: SchemaDefinition } })._zod.def;
}
