/** Reads a YAML file by a zod schema: syntax, keys and values, and where in the file each stands. */
import type { Alias, Document, Node } from "yaml";
import { isAlias, isMap, isNode, isPair, isScalar, isSeq, parseDocument, visit } from "yaml";
import * as z from "zod/mini";
import type { Location } from "../errors.ts";
import { listMistakes } from "./issue.ts";
import type { Mistake } from "./mistake.ts";
import { locate } from "./mistake.ts";

export interface YamlFile<Data> {
  readonly data: Data;
  /** Where a key or a list's member stands, by dotted path (`a.b`, `a.0`); only what the file itself says. */
  readonly locations: ReadonlyMap<string, Location>;
}

/** Parses and checks the text of a YAML file; undefined after any mistake, which is added to `mistakes`. */
export function parseYamlFile<Schema extends z.ZodMiniType>(
  schema: Schema,
  source: string,
  file: string,
  mistakes: Mistake[],
): YamlFile<z.output<Schema>> | undefined {
  const document = parseDocument(source, { prettyErrors: false, stringKeys: true });
  const before = mistakes.length;
  const place = (offset: number) => locate(file, source, offset);
  const syntax = readSyntax(document, source, place);
  mistakes.push(...syntax.mistakes);
  if (!syntax.isReadable) return undefined;
  const data: unknown = document.toJS({ maxAliasCount: -1 }) ?? {};
  const parsed = z.safeParse(schema, data, { reportInput: false });
  if (!parsed.success) {
    const found = listMistakes(schema, parsed.error.issues, data).map(
      ({ path, isKey, message }) => ({ offset: findOffset(document, path, isKey), message }),
    );
    found.sort((one, other) => one.offset - other.offset);
    mistakes.push(...found.map(({ offset, message }) => ({ at: place(offset), message })));
  }
  if (!parsed.success || mistakes.length > before) return undefined;
  return { data: parsed.data, locations: listLocations(document, place) };
}

// The library's own words for these are about its parser; the others are clear by themselves.
const syntaxWords: Record<string, string> = {
  MULTIPLE_DOCS: "a second document begins here (`---`); the file holds one",
  BLOCK_AS_IMPLICIT_KEY: "there is a second `: ` in this line; put the value in quotes",
  TAB_AS_INDENT: "a tab indents this line; YAML wants spaces",
  NON_STRING_KEY: "a key must be a text",
};

interface Syntax {
  readonly mistakes: readonly Mistake[];
  /** False where reading on would be guessing. */
  readonly isReadable: boolean;
}

function readSyntax(
  document: Document.Parsed,
  source: string,
  place: (offset: number) => Location,
): Syntax {
  const mistakes: Mistake[] = [];
  const seenLines = new Set<number>();
  let isReadable = true;
  // One slip often brings several errors; the first of a line is the one to read.
  const add = (offset: number, message: string) => {
    const at = place(offset);
    if (seenLines.has(at.line)) return;
    seenLines.add(at.line);
    mistakes.push({ at, message });
  };
  for (const { code, pos, message } of [...document.errors, ...document.warnings]) {
    const [offset] = pos;
    if (code === "DUPLICATE_KEY") {
      add(offset, `the key \`${/^[^:\n]*/.exec(source.slice(offset))?.[0]}\` is there twice`);
      continue;
    }
    isReadable = false;
    const isBareTemplate = code === "UNEXPECTED_TOKEN" && source[offset - 1] === "$";
    add(
      offset,
      isBareTemplate
        ? "a value with `${…}` inside `{ }` needs quotes"
        : // What follows `: "` is text of the file, maybe a secret.
          (syntaxWords[code] ?? message.replace(/: ".*$/s, "")),
    );
  }
  visit(document, {
    Alias(_key, node: Alias) {
      if (node.resolve(document) !== undefined) return;
      isReadable = false;
      add(node.range?.[0] ?? 0, `nothing is called \`&${node.source}\``);
    },
  });
  return { mistakes, isReadable };
}

/** The offset of a value, of its key, or of the nearest thing around it that exists. */
function findOffset(
  document: Document.Parsed,
  path: readonly PropertyKey[],
  isKey: boolean,
): number {
  let offset = document.contents?.range[0] ?? 0;
  let node: unknown = document.contents;
  for (const [depth, key] of path.entries()) {
    // The last of several is the one whose value counts.
    const pair = isMap(node) ? node.items.findLast((item) => String(item.key) === key) : undefined;
    if (pair === undefined && isSeq(node) && typeof key === "number") {
      node = node.items[key];
      if (isNode(node)) offset = node.range?.[0] ?? offset;
      continue;
    }
    if (pair === undefined) break;
    const isLast = depth === path.length - 1;
    const shown = isLast && !isKey && isWritten(pair.value) ? pair.value : pair.key;
    offset = isNode(shown) ? (shown.range?.[0] ?? offset) : offset;
    node = isAlias(pair.value) ? pair.value.resolve(document) : pair.value;
  }
  return offset;
}

/** A value that can be pointed at; a mapping and a missing value are shown by their key. */
function isWritten(value: unknown): value is Node {
  return isNode(value) && !isMap(value) && !(isScalar(value) && value.value === null);
}

function listLocations(
  document: Document.Parsed,
  place: (offset: number) => Location,
): Map<string, Location> {
  const locations = new Map<string, Location>();
  visit(document, {
    Pair(_key, pair, ancestors) {
      const keys = [...ancestors.filter(isPair), pair].map((one) => String(one.key));
      if (isNode(pair.key)) locations.set(keys.join("."), place(pair.key.range?.[0] ?? 0));
    },
    Scalar(key, node, ancestors) {
      if (typeof key !== "number" || !isSeq(ancestors.at(-1))) return;
      const keys = ancestors.filter(isPair).map((one) => String(one.key));
      locations.set([...keys, key].join("."), place(node.range?.[0] ?? 0));
    },
  });
  return locations;
}
