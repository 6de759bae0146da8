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
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["test/unit/**/*.test.ts", "test/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts", "test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/global-setup.ts"],
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
