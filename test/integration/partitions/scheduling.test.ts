/** docs/scheduling.md holds what it promises. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { withFitnessHub } from "../../support/fitnesshub.ts";
import { withFolder } from "../../support/folder.ts";

const page = readFileSync(new URL("../../../docs/scheduling.md", import.meta.url), "utf8");
const blocks = (language: string) =>
  [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)]
    .filter(([, name]) => name === language)
    .map(([, , text]) => text ?? "");

const hasAnalyzer = spawnSync("systemd-analyze", ["--version"]).status === 0;
if (!hasAnalyzer)
  console.warn("SKIPPED: systemd-analyze is not installed, so the units are not verified");

describe("docs/scheduling.md", () => {
  it("has a line of five fields and a command for cron", () => {
    const [line = ""] = blocks("crontab");
    const fields = line.split(" ");
    const ranges = [59, 23, 31, 12, 7];
    for (const [i, most] of ranges.entries()) {
      const field = fields[i] ?? "";
      expect(field === "*" || (Number(field) >= 0 && Number(field) <= most)).toBe(true);
    }
    const command = fields.slice(5).join(" ");
    // cron turns an unescaped % into a newline.
    expect(command).not.toContain("%");
    execFileSync("sh", ["-n", "-c", command]);
  });

  it.skipIf(!hasAnalyzer)("has units that systemd accepts", async () => {
    const [service = "", timer = ""] = blocks("ini");
    await using folder = await withFolder({
      // The user of the example does not exist here.
      "pgwright-partitions.service": service.replace(/^User=.*$/m, ""),
      "pgwright-partitions.timer": timer,
    });
    const names = ["pgwright-partitions.service", "pgwright-partitions.timer"];
    const { status, stderr } = spawnSync(
      "systemd-analyze",
      ["verify", "--man=no", ...names.map((name) => join(folder.path, name))],
      { encoding: "utf8", env: { ...process.env, SYSTEMD_UNIT_PATH: `${folder.path}:` } },
    );
    expect({
      status,
      said: stderr.split("\n").filter((line) => line.includes("pgwright")),
    }).toEqual({
      status: 0,
      said: [],
    });
  });

  it("has a watch for pg_cron that fails exactly when tomorrow has no partition", async () => {
    await using database = await withFitnessHub();
    const [text = ""] = blocks("sql");
    const job = /\$job\$([\s\S]*)\$job\$/.exec(text)?.[1] ?? "";
    await expect(database.sql.unsafe(job)).rejects.toThrow("no partition for tomorrow");
    const [name] = await database.sql<{ name: string }[]>`
      select 'social_posts_' || to_char(now() + interval '1 day', 'YYYY_MM') as name`;
    await database.sql.unsafe(
      `create table social_service.${name?.name} partition of social_posts for values from ('2100-01-01') to ('2100-02-01')`,
    );
    await database.sql.unsafe(job);
  });
});
