import type { JSX } from "preact";
import type { ViewName } from "../state/route.ts";

/** The strokes of each icon, on a grid of 24. */
const PATHS = {
  overview: "M3 12h4l3 8 4-16 3 8h4",
  workers: "M4 6h16v5H4zM4 13h16v5H4zM8 8.500v.01M8 15.500v.01",
  calls: "M4 6h9M4 12h13M10 18h10",
  errors: "M12 4 3 19.500h18zM12 10v4M12 16.800v.01",
  sessions: "M4 5h16v11H9l-5 4z",
  events: "M5 6h.01M9 6h10M5 12h.01M9 12h10M5 18h.01M9 18h10",
  configuration: "M4 7h9M17 7h3M15 5v4M4 17h3M11 17h9M9 15v4",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2v2M12 20v2M4.900 4.900l1.400 1.400M17.700 17.700l1.400 1.400M2 12h2M20 12h2M4.900 19.100l1.400-1.400M17.700 6.300l1.400-1.400",
  moon: "M20 14.500A8 8 0 1 1 9.500 4a6.500 6.500 0 0 0 10.500 10.500z",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
  recycle: "M4 12a8 8 0 0 1 14-5.300L20 9M20 4v5h-5M20 12a8 8 0 0 1-14 5.300L4 15M4 20v-5h5",
  drain: "M12 4v11M7 10.500l5 5 5-5M5 20h14",
  stacks: "M12 3 3 8l9 5 9-5zM3 12.500l9 5 9-5M3 17l9 5 9-5",
  close: "M6 6l12 12M18 6 6 18",
  pause: "M9 5v14M15 5v14",
  play: "M7 4.500v15l12-7.500z",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  chevron: "M9 6l6 6-6 6",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M5 12.500l4.500 4.500L19 7.500",
  leave: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
  reload: "M20 11a8 8 0 1 0-2.500 6M20 5v6h-6",
} as const satisfies Record<ViewName, string> & Record<string, string>;

export type IconName = keyof typeof PATHS;

/** An icon, which assistive technology ignores: the text next to it, or the label of the button, names it. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark of the product. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M8 22c3.500 3 8 2.500 8-1.500S8.500 16 8.500 11.800 13 7 16 9.200s4.500 9.300 7.500 9.300" />
      <circle class="mark-end" cx="24" cy="18.500" r="2.200" />
    </svg>
  );
}
