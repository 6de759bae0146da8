/**
 * The line of a server program's output that says why it failed, without time stamp and severity:
 * the last fatal one, else the last of all.
 */
export function findReason(output: string): string | undefined {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const said =
    lines.findLast((line) => /\b(FATAL|PANIC):/.test(line)) ??
    lines.findLast((line) => /\berror:|\bERROR:|could not/.test(line)) ??
    lines.at(-1);
  return said?.replace(/^.*?\b(FATAL|PANIC|ERROR|error):\s+/, "").trim();
}

/** The last lines of an output, for the notes of an error. */
export function lastLines(output: string, count: number): string[] {
  const lines = output.split("\n").map((line) => line.trimEnd());
  return lines.filter((line) => line.trim() !== "").slice(-count);
}
