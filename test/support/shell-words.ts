/**
 * The arguments of every `pgwright` call in a line of shell, as in the examples of the help: quotes,
 * pipes, redirections, `&&` and `$(…)` are understood, and nothing is expanded.
 */
export function pgwrightCalls(line: string): string[][] {
  const nested = [...line.matchAll(/\$\(([^()]*)\)/g)].flatMap(([, inner]) =>
    pgwrightCalls(inner ?? ""),
  );
  const calls: string[][] = [];
  let words: string[] = [];
  const end = () => {
    if (words[0] === "pgwright") calls.push(words.slice(1));
    words = [];
  };
  const pieces = line.matchAll(
    /(?<operator>&&|\|\||[|;])|(?<file>>\s*\S+)|(?:"[^"]*"|'[^']*'|[^\s"'|>;&]|&(?!&))+/g,
  );
  for (const { 0: piece, groups } of pieces) {
    if (groups?.["operator"] !== undefined) end();
    else if (groups?.["file"] === undefined)
      words.push(piece.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"));
  }
  end();
  return [...nested, ...calls];
}
