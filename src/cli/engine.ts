/** How V8 compiles for a process that lives for a second. */
import { setFlagsFromString } from "node:v8";

// Tried on Node 20, 22, 24 and 26. V8 writes to stderr about a flag that it does not know.
const newestTried = 26;

/**
 * Has V8 optimise later, or not at all, what a command is done with before that pays. Flags are for
 * the process as a whole, so they are the command line's to set and never the library's; and before
 * the first bytecode is loaded, since V8 takes only what was compiled with the same flags.
 *
 * WebAssembly, which is PostgreSQL's parser, is left to the fast compiler alone: the other one takes
 * 0.2 to 0.5 s of processor time for the parser's largest functions. Parsing 1,000 files took 150 to
 * 300 ms with it and takes 40 ms without.
 *
 * JavaScript is optimised after seven times as many steps as usual, which is some milliseconds for a
 * loop that goes on for minutes. `lint` of 1,000 files took 0.51 s of processor time and takes 0.37.
 * Node 22 and later know no such flag, and need none: they wait longer by themselves.
 */
export function optimiseLate(nodeVersion: string): void {
  const major = Number.parseInt(nodeVersion, 10);
  if (major > newestTried) return;
  // Each of the two alone lets the optimising compiler have everything at once. `--liftoff-only`,
  // which means both, is read only when a process starts (Node 24).
  setFlagsFromString("--no-wasm-tier-up");
  setFlagsFromString("--no-wasm-dynamic-tiering");
  if (major < 21) setFlagsFromString("--interrupt-budget=500000");
}
