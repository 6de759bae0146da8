/** Reads policies/masking.yaml. */
import { createHash } from "node:crypto";
import { join, relative } from "node:path";
import type { Mistake } from "../../config/mistake.ts";
import { throwMistakes } from "../../config/mistake.ts";
import { readTextFile } from "../../config/text-file.ts";
import { parseYamlFile } from "../../config/yaml-file.ts";
import type { Location } from "../../errors.ts";
import { PgwrightError } from "../../errors.ts";
import { type Ignored, readIgnored } from "../../pii/ignore.ts";
import { maskerNamed } from "../maskers/list.ts";
import { parseRulePath } from "./path.ts";
import type { MaskingRules, Rule } from "./rule.ts";
import { type MaskingFile, maskingSchema } from "./schema.ts";

export const rulesFileName = "masking.yaml";

/**
 * The rules of the policies' directory, and what its pii.yaml ignores; `from` is where messages name the file from.
 *
 * @throws PgwrightError `config-invalid` with every mistake, `masking-rules` where there is no file.
 */
export async function readRules(directory: string, from = "."): Promise<MaskingRules> {
  const path = join(directory, rulesFileName);
  const file = relative(from, path) || path;
  const source = await read(path, file);
  return parseRules(source, file, await readIgnored(directory, relative(from, directory)));
}

/** @throws PgwrightError `config-invalid` with every mistake. */
export function parseRules(
  source: string,
  file: string,
  ignored: readonly Ignored[] = [],
): MaskingRules {
  const mistakes: Mistake[] = [];
  const parsed = parseYamlFile(maskingSchema, source, file, mistakes);
  throwMistakes(mistakes);
  if (!parsed) throw new PgwrightError("internal", `${file} has a mistake that was not told`);
  const { data, locations } = parsed;
  const tables = Object.entries(data.tables).map(([table, said]) => {
    const place = (...keys: string[]) => locations.get(["tables", table, ...keys].join("."));
    return {
      table,
      where: said.where,
      keepReason: said.keep_reason,
      rules: Object.entries(said.columns).flatMap(([key, rule]) => {
        const at = place("columns", key);
        const read = toRule(key, rule, at, mistakes);
        return read ? [read] : [];
      }),
      mirror: said.mirror && { ...said.mirror, key: said.mirror.key, at: place("mirror") },
      at: place(),
    };
  });
  throwMistakes(mistakes);
  return {
    file,
    source,
    hash: createHash("sha256").update(source).digest("hex"),
    locale: data.locale ?? "en",
    unclassified: data.defaults.unclassified,
    tables,
    ignored,
    k: data.privacy?.k,
    quasiIdentifiers: Object.entries(data.privacy?.quasi_identifiers ?? {}).map(
      ([table, columns]) => ({
        table,
        columns,
        at: locations.get(`privacy.quasi_identifiers.${table}`),
      }),
    ),
  };
}

type RuleInput = MaskingFile["tables"][string]["columns"][string];

function toRule(
  key: string,
  input: RuleInput,
  at: Location | undefined,
  mistakes: Mistake[],
): Rule | undefined {
  const say = (message: string) => {
    mistakes.push({ at, message: `\`${key}\` ${message}` });
    return undefined;
  };
  const path = parseRulePath(key);
  if (typeof path === "string") return say(path);
  const said: Exclude<RuleInput, string> = typeof input === "string" ? { mask: input } : input;
  const { mask, keep, reason, domain, deterministic, ...options } = said;
  const kept = Array.isArray(keep) ? keep : [];
  if (kept.length > 0 && path.steps.at(-1) !== "**") {
    return say("lists paths to keep, which only a path that ends in `.**` can have");
  }
  for (const one of kept) {
    const wrong = parseRulePath(one);
    if (typeof wrong === "string") return say(`keeps \`${one}\`, which ${wrong}`);
  }
  // YAML reads a bare `null` as no value; here it is the name of a masker.
  const name = keep === true ? "keep" : (mask ?? "null");
  const allowed = maskerNamed(name)?.options ?? [];
  const foreign = Object.keys(options).find((option) => !allowed.includes(option as never));
  if (foreign !== undefined) {
    return say(
      `says \`${foreign}\`, which \`${name}\` has no use for${allowed.length > 0 ? `; it takes ${allowed.join(", ")}` : ""}`,
    );
  }
  return {
    path,
    masker: name,
    options,
    domain,
    isDeterministic: deterministic === true,
    keep: kept,
    reason,
    at,
  };
}

async function read(path: string, file: string): Promise<string> {
  try {
    return await readTextFile(path, file, "policies-unreadable");
  } catch (cause) {
    if (cause instanceof PgwrightError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw new PgwrightError("masking-rules", `there is no ${file}`, {
        hint: "write a draft from the database: pgwright anonymize init",
        cause,
      });
    }
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PgwrightError("masking-rules", `${file} cannot be read: ${why}`, { cause });
  }
}
