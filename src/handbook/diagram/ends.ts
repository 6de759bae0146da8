/** Where lines meet the sides of boxes: far enough from each other that every mark at an end can be read. */

/** Marks are 10 pixels high. */
const gap = 12;
const margin = 7;

/** One end of a line, at the left or right side of a box. */
export interface LineEnd {
  /** Height at which its column stands. */
  readonly wanted: number;
  /** How steeply the line goes on from the box, down being positive: the steepest are the outermost, and do not cross others at once. */
  readonly slope: number;
  /** Takes the height that it is given. */
  readonly moveTo: (y: number) => void;
}

/** The least height of a box that this many lines meet at one side. */
export function heightFor(ends: number): number {
  return ends === 0 ? 0 : (ends - 1) * gap + 2 * margin;
}

/** Gives the ends at one side of a box their heights: each as near to its column as the others allow. */
export function spreadEnds(ends: readonly LineEnd[], top: number, height: number): void {
  const sorted = ends.toSorted((a, b) => a.wanted - b.wanted || a.slope - b.slope);
  const [low, high] = [top + margin, top + height - margin];
  // A line that runs backward comes to a side that was not measured for it.
  const step = Math.min(gap, (high - low) / Math.max(1, sorted.length - 1));
  const heights = spread(
    sorted.map(({ wanted }) => wanted),
    step,
  );
  const count = heights.length;
  for (const [i, end] of sorted.entries()) {
    const least = low + i * step;
    const most = high - (count - 1 - i) * step;
    end.moveTo(Math.round(Math.min(Math.max(heights[i] ?? 0, least), most)));
  }
}

/** Ascending numbers, moved as little as brings them this far from each other. */
function spread(wanted: readonly number[], step: number): number[] {
  // Groups that touch become one, which stands around the middle of what its members want.
  const groups: { members: number; sum: number }[] = [];
  const startOf = ({ members, sum }: { members: number; sum: number }) => sum / members;
  for (const one of wanted) {
    let group = { members: 1, sum: one };
    for (let last = groups.at(-1); last; last = groups.at(-1)) {
      if (startOf(last) + last.members * step <= startOf(group)) break;
      groups.pop();
      // The sum is of where each member would have the group begin.
      const sum = last.sum + group.sum - last.members * step * group.members;
      group = { members: last.members + group.members, sum };
    }
    groups.push(group);
  }
  return groups.flatMap((group) =>
    Array.from({ length: group.members }, (_, i) => startOf(group) + i * step),
  );
}
