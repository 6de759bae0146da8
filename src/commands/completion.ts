import { defineCommand } from "../cli/command.ts";
import { shells } from "../cli/options.ts";

export const completion = defineCommand({
  path: "completion",
  summary: "Print a shell completion script",
  examples: [
    { run: "pgwright completion bash > /etc/bash_completion.d/pgwright", says: "for bash" },
    { run: 'pgwright completion zsh > "${fpath[1]}/_pgwright"', says: "for zsh" },
    {
      run: "pgwright completion fish > ~/.config/fish/completions/pgwright.fish",
      says: "for fish",
    },
  ],
  configure: (command) =>
    command.addArgument(command.createArgument("<shell>", shells.join(", ")).choices(shells)),
  async run(context, _options, shell) {
    return { shell, script: await context.completionScript(shell) };
  },
  text: (result) => result.script,
});
