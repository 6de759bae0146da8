/** Reads `.env`: `NAME=value` lines as a shell would, without expanding variables. */
import { readFileSync } from "node:fs";
import type { Location } from "../errors.ts";
import type { Mistake } from "./mistake.ts";
import { locate } from "./mistake.ts";

export interface EnvFile {
  /** The path as messages show it. */
  readonly file: string;
  readonly values: ReadonlyMap<string, EnvValue>;
}

export interface EnvValue {
  readonly value: string;
  readonly at: Location;
}

/**
 * Reads a `.env` file. Undefined when there is none; a folder of that name (a Python virtual
 * environment) counts as none. Mistakes are added to `mistakes`.
 */
export async function readEnvFile(
  path: string,
  shownAs: string,
  mistakes: Mistake[],
): Promise<EnvFile | undefined> {
  let source: string;
  try {
    source = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EISDIR" || code === "ENOTDIR") return undefined;
    mistakes.push({
      at: { file: shownAs, line: 1, column: 1 },
      message: `cannot be read (${code ?? String(error)})`,
    });
    return undefined;
  }
  const parsed = parseEnvFile(source, shownAs);
  mistakes.push(...parsed.mistakes);
  return { file: shownAs, values: parsed.values };
}

const assignment = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*/;

/**
 * Parses the text of a `.env` file: comments, `export`, single quotes (literal) and double quotes
 * (`\n`, `\r`, `\t`, `\"`, `\\`, `\$`), both over several lines; an unquoted value ends at ` #`.
 * `${OTHER}` stays as it is.
 */
export function parseEnvFile(
  text: string,
  file: string,
): { values: Map<string, EnvValue>; mistakes: Mistake[] } {
  const source = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  const values = new Map<string, EnvValue>();
  const mistakes: Mistake[] = [];
  let offset = 0;
  while (offset < source.length) {
    const line = source.slice(offset, endOfLine(source, offset));
    const [prefix, name] = assignment.exec(line) ?? [];
    if (prefix === undefined || name === undefined) {
      if (!/^[ \t]*(#|$)/.test(line)) {
        const at = locate(file, source, offset + line.search(/[^ \t]/));
        mistakes.push({ at, message: "this line is not NAME=value" });
      }
      offset += line.length + 1;
      continue;
    }
    const at = locate(file, source, offset + line.indexOf(name));
    const read = readValue(source, offset + prefix.length);
    offset = read.end + 1;
    if (read.mistake !== undefined) {
      mistakes.push({ at: locate(file, source, read.at ?? 0), message: read.mistake });
      continue;
    }
    const earlier = values.get(name);
    if (earlier !== undefined && earlier.value !== read.value) {
      mistakes.push({ at, message: `${name} is set already in line ${earlier.at.line}` });
    }
    values.set(name, { value: read.value, at });
  }
  return { values, mistakes };
}

interface ReadValue {
  readonly value: string;
  /** Offset of the end of its last line. */
  readonly end: number;
  readonly mistake?: string;
  /** Offset of the mistake. */
  readonly at?: number;
}

function readValue(source: string, start: number): ReadValue {
  const quote = source[start];
  if (quote !== '"' && quote !== "'") {
    const rest = source.slice(start, endOfLine(source, start));
    const value = rest.replace(/(^|[ \t]+)#.*$/, "").trimEnd();
    return { value, end: start + rest.length };
  }
  const close = findClosingQuote(source, start + 1, quote);
  if (close < 0) {
    // The rest of the file may belong to the value: judging it line by line would be guessing.
    return {
      value: "",
      end: source.length,
      at: start,
      mistake: `the quote \`${quote}\` opened here is not closed`,
    };
  }
  const end = endOfLine(source, close);
  const behind = source.slice(close + 1, end);
  if (!/^[ \t]*(#|$)/.test(behind)) {
    return { value: "", end, at: close + 1, mistake: "there is text behind the closing quote" };
  }
  const body = source.slice(start + 1, close);
  return { value: quote === "'" ? body : unescape(body), end };
}

function findClosingQuote(source: string, start: number, quote: string): number {
  for (let i = start; i < source.length; i += 1) {
    if (source[i] === "\\" && quote === '"') i += 1;
    else if (source[i] === quote) return i;
  }
  return -1;
}

const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\", $: "$" };

function unescape(body: string): string {
  return body.replaceAll(
    /\\(.)/gs,
    (sequence, character: string) => escapes[character] ?? sequence,
  );
}

function endOfLine(source: string, offset: number): number {
  const end = source.indexOf("\n", offset);
  return end < 0 ? source.length : end;
}
