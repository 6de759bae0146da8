/** The completion scripts, in the shells they are for. */
import { describe, expect, test } from "vitest";
import { runCommand } from "../../support/cli.ts";
import { withFolder } from "../../support/folder.ts";
import { complete, isInstalled, shells } from "../../support/shell-completion.ts";

describe.each(shells)("%s", (shell) => {
  if (!isInstalled(shell)) {
    console.warn(`SKIPPED: ${shell} is not installed, so its completion script is not tested`);
  }

  test.skipIf(!isInstalled(shell))("offers what can be typed", { timeout: 180_000 }, async () => {
    await using folder = await withFolder({ "settings.yaml": "", "setting/x": "" });
    const { path } = folder;
    const { stdout, code } = await runCommand(["completion", shell], { cwd: path });
    expect(code).toBe(0);
    const offers = async (line: string) => complete(shell, stdout, line, path);
    const exactly: Record<string, string[]> = {
      // commands, and groups of them
      "pgwright mig": ["migrate"],
      "pgwright db cr": ["create"],
      "pgwright server ": ["start", "status", "stop", "url"],
      "pgwright repair ": ["applied", "checksum", "reverted"],
      // the names of other tools are not offered, and nothing follows a complete command
      "pgwright undo": [],
      "pgwright migrate mig": [],
      // options: the command's own and those of every command
      "pgwright migrate --st": ["--statement-timeout", "--steps"],
      "pgwright status --ex": ["--exit-code"],
      "pgwright server status --ex": ["--exit-code"],
      "pgwright db url --ex": [],
      "pgwright --qu": ["--quiet"],
      // values
      "pgwright migrate --format ": ["github", "json", "sarif", "text"],
      "pgwright --format j": ["json"],
      "pgwright new --language t": ["ts"],
      "pgwright completion ": ["bash", "fish", "zsh"],
      "pgwright completion z": ["zsh"],
      // the value of an option is no command
      "pgwright --env server mig": ["migrate"],
      "pgwright --env server st": ["status"],
      "pgwright --url x db dr": ["drop"],
      "pgwright -q db dr": ["drop"],
    };
    for (const [line, words] of Object.entries(exactly)) {
      expect.soft(await offers(line), line).toEqual(words);
    }
    expect(await offers("pgwright --config sett")).toContain("settings.yaml");
    expect((await offers("pgwright --dir sett")).map((word) => word.replace(/\/$/, ""))).toEqual([
      "setting",
    ]);
    const all = await offers("pgwright ");
    expect(all).toEqual(expect.arrayContaining(["db", "doctor", "migrate", "server", "status"]));
    expect(all.filter((word) => ["up", "down", "create", "start", "help"].includes(word))).toEqual(
      [],
    );
  });
});

test.skipIf(!isInstalled("bash"))("bash splits a line at the sign of equality", async () => {
  await using folder = await withFolder();
  const { stdout } = await runCommand(["completion", "bash"], { cwd: folder.path });
  expect(await complete("bash", stdout, "pgwright migrate --format=j", folder.path)).toEqual([
    "json",
  ]);
  expect(await complete("bash", stdout, "pgwright migrate --format=", folder.path)).toEqual([
    "github",
    "json",
    "sarif",
    "text",
  ]);
  expect(await complete("bash", stdout, "pgwright --env=server mig", folder.path)).toEqual([
    "migrate",
  ]);
  expect(await complete("bash", stdout, "pgwright db psql -- --ver", folder.path)).toEqual([]);
});
