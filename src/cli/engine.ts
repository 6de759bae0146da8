/** How V8 compiles for a process that lives for a second. */
import { setFlagsFromString } from "node:v8";

// Tried on Node 20, 22, 24 and 26. V8 writes to stderr about a flag that it does not know.
const newestTried = 26;

/** Flags of V8 with the values that it has by itself; the third is known to Node 20 alone. */
const flags = [
  { late: "--no-wasm-tier-up", usual: "--wasm-tier-up" },
  { late: "--no-wasm-dynamic-tiering", usual: "--wasm-dynamic-tiering" },
  { late: "--interrupt-budget=500000", usual: "--interrupt-budget=67584", newest: 20 },
];

/**
 * Has V8 optimise later, or not at all, what a command is done with before that pays. Flags are for
 * the process as a whole, so they are the command line's to set and never the library's. They are set
 * when the parser is needed and not before: V8 takes bytecode only under the flags under which it was
 * made, and after a change Node compiles each of its own modules anew, which triples the time for them
 * (`net`, `crypto`, `tls` and `fs/promises`: 5 and 15 ms).
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
  // Each of the first two alone lets the optimising compiler have everything at once.
  // `--liftoff-only`, which means both, is read only when a process starts (Node 24).
  for (const { late } of knownFlags(nodeVersion)) setFlagsFromString(late);
}

/** Sets what `optimiseLate` has set to what V8 has by itself, so that bytecode is made for that. */
export function optimiseAsUsual(nodeVersion: string): void {
  for (const { usual } of knownFlags(nodeVersion)) setFlagsFromString(usual);
}

function knownFlags(nodeVersion: string): typeof flags {
  const major = Number.parseInt(nodeVersion, 10);
  return major > newestTried ? [] : flags.filter(({ newest = newestTried }) => major <= newest);
}
