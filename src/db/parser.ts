/**
 * PostgreSQL's parser, compiled to WebAssembly; with parser-glue.ts the only file that loads libpg-query.
 *
 * It uses what libpg-query's own functions are made of. Those carry texts over character by character,
 * in both directions: of 1,000 files with a statement each that is 11 of 55 ms.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { ParseResult, ScanResult } from "libpg-query";
import createWasm from "./parser-glue.ts";
import type { Wasm } from "./parser-glue.ts";

// TypeScript has it among the things of browsers alone.
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  readonly Instance: new (module: object, imports: object) => object;
};

/** What the parser says about a text that is not SQL. */
export class ParserError extends Error {
  /** In characters, from 0. */
  readonly place: number;

  constructor(message: string, place: number) {
    super(message);
    this.name = "ParserError";
    this.place = place;
  }
}

export interface Parser {
  /** @throws ParserError; another one where the text is nested too deeply for the stack. */
  parse(text: string): ParseResult;
  scan(text: string): ScanResult;
}

const noMemory = "there is no memory for it";

let prepare = (): void => {};

/** What is to be done once, just before the parser is there. */
export function beforeParsing(work: () => void): void {
  prepare = work;
}

/** Takes 30 ms, and the first text another 10. */
export async function instantiateParser(): Promise<Parser> {
  prepare();
  const file = createRequire(import.meta.url).resolve("libpg-query/wasm/libpg-query.wasm");
  const module = await WebAssembly.compile(readFileSync(file));
  // By itself the glue would read the file, and have a copy of it compiled.
  const wasm = await createWasm({
    instantiateWasm(imports, receive) {
      receive(new WebAssembly.Instance(module, imports));
      return {};
    },
  });
  return parserOf(wasm);
}

function parserOf(wasm: Wasm): Parser {
  let memory = Buffer.from(wasm.HEAPU8.buffer);
  const current = (): Buffer => {
    if (memory.buffer !== wasm.HEAPU8.buffer) memory = Buffer.from(wasm.HEAPU8.buffer);
    return memory;
  };
  const stringAt = (pointer: number): string => {
    const bytes = current();
    return bytes.toString("utf8", pointer, bytes.indexOf(0, pointer));
  };
  /** The field of a struct of pointers and numbers, which all have 4 bytes. */
  const field = (struct: number, place: number): number => wasm.HEAPU32[struct / 4 + place] ?? 0;
  /** Room for a text with a zero at its end; the next one takes the same. */
  let place = { pointer: 0, size: 0 };
  const put = (text: string): number => {
    const size = Buffer.byteLength(text);
    if (size >= place.size) {
      if (place.size > 0) wasm._free(place.pointer);
      place = { pointer: 0, size: 0 };
      const roomy = Math.max(size + 1, 65_536);
      const pointer = wasm._malloc(roomy);
      if (pointer === 0) throw new Error(noMemory);
      place = { pointer, size: roomy };
    }
    const bytes = current();
    bytes.write(text, place.pointer);
    bytes[place.pointer + size] = 0;
    return place.pointer;
  };
  return {
    parse(text) {
      const result = wasm._wasm_parse_query_raw(put(text));
      if (result === 0) throw new Error(noMemory);
      try {
        const error = field(result, 2);
        if (error === 0) return JSON.parse(stringAt(field(result, 0))) as ParseResult;
        // PgQueryError: message, funcname, filename, lineno, cursorpos, context.
        throw new ParserError(stringAt(field(error, 0)), Math.max(0, field(error, 4) - 1));
      } finally {
        wasm._wasm_free_parse_result(result);
      }
    },
    scan(text) {
      const result = wasm._wasm_scan(put(text));
      try {
        const said = stringAt(result);
        if (!said.startsWith("{")) throw new ParserError(said, 0);
        return JSON.parse(said) as ScanResult;
      } finally {
        wasm._wasm_free_string(result);
      }
    },
  };
}
