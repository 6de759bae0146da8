#!/usr/bin/env bash
# Runs one check of pgwright, annotates its findings, and adds them to the report.
#
#   REPORT=report.md check-migrations.sh test --base origin/main --data
set -uo pipefail
: "${REPORT:?names the file that becomes the comment}"

output=$(mktemp)
findings=$(mktemp)
trap 'rm -f "$output" "$findings"' EXIT

# pgwright writes its findings as Markdown to where GITHUB_STEP_SUMMARY points.
GITHUB_STEP_SUMMARY=$findings npx pgwright "$@" --format github | tee "$output"
status=$?

{
  echo "### \`pgwright $1\`"
  echo
  echo '```text'
  # Lines that begin with :: are annotations, which GitHub shows beside the files.
  grep -v '^::' "$output" || true
  echo '```'
  echo
  # Its own heading would stand there twice.
  tail -n +2 "$findings"
} >> "$REPORT"

# GitHub takes a comment of 65,536 characters.
if [ "$(wc -c < "$REPORT")" -gt 60000 ]; then
  truncated=$(head -c 60000 "$REPORT")
  printf '%s\n\nThe rest is in the log of the job.\n' "$truncated" > "$REPORT"
fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$REPORT" > "$GITHUB_STEP_SUMMARY"; fi
exit "$status"
