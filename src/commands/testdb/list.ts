import { defineCommand } from "../../cli/command.ts";
import type { View } from "../../cli/render/view.ts";
import { testServer } from "../../cli/testing.ts";
import type { ListResult } from "../../testdb/list.ts";

export const testdbList = defineCommand({
  path: "testdb list",
  summary: "Show the test databases of a server, with their leases",
  examples: [
    { run: "pgwright testdb list", says: "one line for each" },
    { run: "pgwright testdb list --json | jq '.result.databases[].name'", says: "for programs" },
  ],
  purpose: "test",
  configure: (command) => command,
  async run(context) {
    const { listTestDatabases } = await import("../../testdb/list.ts");
    return listTestDatabases(await testServer(context));
  },
  text: (result, view) => listText(result, view),
});

function listText({ databases }: ListResult, view: View): string {
  if (databases.length === 0) return "No test databases";
  return view.table({
    columns: [
      { title: "name" },
      { title: "kind" },
      { title: "run" },
      { title: "by" },
      { title: "lease", align: "right" },
      { title: "sessions", align: "right" },
      { title: "size", align: "right" },
    ],
    rows: databases.map(({ name, kind, run, by, secondsLeft, sessions, bytes }) => [
      name,
      kind,
      run,
      by,
      secondsLeft > 0 ? view.age(secondsLeft) : view.style.yellow("expired"),
      String(sessions),
      bytes === null ? "" : view.bytes(bytes),
    ]),
  });
}
