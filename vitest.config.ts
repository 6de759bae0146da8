import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

const sqlAsText = {
  name: "sql-as-text",
  load(id: string) {
    return id.endsWith(".sql")
      ? `export default ${JSON.stringify(readFileSync(id, "utf8"))}`
      : null;
  },
};

export default defineConfig({
  plugins: [sqlAsText],
  test: {
    // They only end what hangs: `test --data` of a long history took 50 s alone and over 120 s beside others.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts", "test/*.test.ts"],
          // A worker for each of fifty files would cost half of the time.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts", "test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/global-setup.ts"],
          maxWorkers: 3,
          // `.ci/run` gives a test that waits for another process a second chance on noisy cores,
          // and names each one that took it.
          retry: Number(process.env["PGWRIGHT_TEST_RETRY"] ?? 0),
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
