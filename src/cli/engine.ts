/** How V8 compiles for a process that lives for a second. */
import { setFlagsFromString } from "node:v8";

// Tried on Node 20, 22, 24 and 26. V8 writes to stderr about a flag that it does not know.
const newestTried = 26;

/**
 * Leaves WebAssembly, which is PostgreSQL's parser, to V8's fast compiler alone. The optimising one
 * takes 0.2 to 0.5 s of processor time for the parser's main function, in the way of a second that
 * has other things to do: parsing 1,000 files took 250 ms with it and takes 40 ms without.
 *
 * For the process as a whole, so it is the command line's to do and never the library's. Before the
 * first bytecode is loaded: V8 takes only what was compiled with the same flags.
 */
export function compileParserFast(nodeVersion: string): void {
  if (Number.parseInt(nodeVersion, 10) > newestTried) return;
  // Each alone lets the optimising compiler have everything at once. `--liftoff-only`, which means
  // both, is read only when a process starts (Node 24).
  setFlagsFromString("--no-wasm-tier-up");
  setFlagsFromString("--no-wasm-dynamic-tiering");
}
