/** The corpus of statements that `lint` is held against: test/fixtures/lint. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

export const corpusFolder = join(import.meta.dirname, "..", "fixtures", "lint");

/** A paragraph of a corpus file, with what its first lines say. */
export interface CorpusCase {
  /** `bad/create-index:3` */
  readonly name: string;
  readonly isBad: boolean;
  /** Rules that find something, by name: none for a good one. */
  readonly expected: readonly string[];
  readonly sql: string;
  /** `-- given:` what an earlier migration has done. */
  readonly given: string;
  /** `-- server:` the version it is judged for. */
  readonly server: number;
  /** `-- invalid`: PostgreSQL itself refuses it. */
  readonly isInvalid: boolean;
  /** `-- newer`: 15 does not know it. */
  readonly isNewer: boolean;
}

export const corpusSchema = readFileSync(join(corpusFolder, "schema.sql"), "utf8");

export function readCorpus(): CorpusCase[] {
  return ["good", "bad"].flatMap((kind) =>
    readdirSync(join(corpusFolder, kind))
      .toSorted()
      .flatMap((file) =>
        readFileSync(join(corpusFolder, kind, file), "utf8")
          .split(/\n\s*\n/)
          .filter((part) => part.trim() !== "")
          .map((part, index) => readCase(kind, file.replace(/\.sql$/, ""), index, part)),
      ),
  );
}

function readCase(kind: string, topic: string, index: number, part: string): CorpusCase {
  const lines = part.trim().split("\n");
  const said = (word: string) =>
    lines.flatMap((line) => new RegExp(`^-- ${word}(?:: (.*))?$`).exec(line)?.slice(1, 2) ?? []);
  const also = said("also").flatMap((names) => names?.split(", ") ?? []);
  return {
    name: `${kind}/${topic}:${index + 1}`,
    isBad: kind === "bad",
    expected: kind === "bad" ? [topic, ...also].toSorted() : [],
    sql: `${lines.filter((line) => !/^-- (?:given|also|server|invalid|newer)\b/.test(line)).join("\n")}\n`,
    given: said("given").join("\n"),
    server: Number(said("server")[0] ?? 15),
    isInvalid: said("invalid").length > 0,
    isNewer: said("newer").length > 0,
  };
}
