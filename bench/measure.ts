/** Times whole processes, the contenders taking turns so that a slow minute hits all of them. */
import { spawn } from "node:child_process";

export interface Contender {
  readonly name: string;
  /** Undoes what the last run did; not timed. */
  readonly before?: () => Promise<void>;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly directory?: string;
}

export interface Figures {
  readonly name: string;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export async function measure(contenders: readonly Contender[], runs: number): Promise<Figures[]> {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let run = 0; run <= runs; run += 1) {
    for (const contender of contenders) {
      await contender.before?.();
      const took = await time(contender);
      // The first round warms caches and is not counted.
      if (run > 0) times.get(contender.name)?.push(took);
    }
  }
  return contenders.map(({ name }) => {
    const sorted = (times.get(name) ?? []).toSorted((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    return { name, min: sorted[0] ?? 0, median: sorted[middle] ?? 0, max: sorted.at(-1) ?? 0 };
  });
}

function time({ command, args, env, directory, name }: Contender): Promise<number> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      cwd: directory,
      env: { ...process.env, ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(performance.now() - started);
      else reject(new Error(`${name} exited with ${code}: ${errors.slice(-2000)}`));
    });
  });
}

/** A table of milliseconds and ratios to the first contender's median. */
export function report(figures: readonly Figures[]): string {
  const base = figures[0]?.median ?? 1;
  const longest = Math.max(...figures.map(({ name }) => name.length));
  const cell = (value: number) => value.toFixed(0).padStart(8);
  return [
    `${"".padEnd(longest)}  ${["min ms", "median", "max"].map((title) => title.padStart(8)).join("")}   ratio`,
    ...figures.map(
      ({ name, min, median, max }) =>
        `${name.padEnd(longest)}  ${cell(min)}${cell(median)}${cell(max)}   ${(median / base).toFixed(2)}`,
    ),
  ].join("\n");
}
