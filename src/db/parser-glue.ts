/**
 * What emscripten has written around PostgreSQL's parser, a CommonJS file of libpg-query. Not import():
 * that scans such a file for its exports first, 10 ms of a cold start. In the command line the build
 * puts the file itself in place of this one, so that it has bytecode: compiling it takes 8 ms.
 */
import { createRequire } from "node:module";

/** As emscripten exports it. A pointer is a number of bytes; 0 is none. */
export interface Wasm {
  /** Another one after the memory has grown. */
  readonly HEAPU8: Uint8Array;
  readonly HEAPU32: Uint32Array;
  _malloc(size: number): number;
  _free(pointer: number): void;
  /** Returns a PgQueryParseResult: pointers to the tree as JSON, to what went to stderr, to the error. */
  _wasm_parse_query_raw(text: number): number;
  _wasm_free_parse_result(result: number): void;
  /** Returns JSON, or the message of an error. */
  _wasm_scan(text: number): number;
  _wasm_free_string(text: number): void;
}

interface Options {
  /** Is to give the instance, now or later. */
  instantiateWasm(imports: object, receive: (instance: object) => void): object;
}

const create = createRequire(import.meta.url)("libpg-query/wasm/libpg-query.js") as (
  options: Options,
) => Promise<Wasm>;

export default create;
