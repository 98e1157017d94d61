import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** Rows above and below the visible ones, so that slow scrolling shows no gap. */
const EXTRA_ROWS = 6;

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** Whether figures are aligned to the right. */
  readonly numeric?: boolean;
  /** Sorts by this column, and how it is sorted now. */
  readonly sort?: { readonly direction: "ascending" | "descending" | "none"; readonly onSort: () => void } | undefined;
}

/**
 * A table of any length: only the visible rows exist in the document. All rows have the same height, which the class
 * of the table defines as `--row-height`.
 */
export function VirtualTable<Row>(props: {
  readonly label: string;
  readonly kind: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly children: (row: Row) => ComponentChildren;
}): JSX.Element {
  const { rows } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [visible, setVisible] = useState({ first: 0, last: 30, height: 48 });
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const update = () => {
      const height = Number.parseFloat(getComputedStyle(element).getPropertyValue("--row-height")) || 48;
      const first = Math.max(0, Math.floor(element.scrollTop / height) - EXTRA_ROWS);
      const last = Math.ceil((element.scrollTop + element.clientHeight) / height) + EXTRA_ROWS;
      setVisible((before) =>
        before.first === first && before.last === last && before.height === height ? before : { first, last, height },
      );
    };
    update();
    element.addEventListener("scroll", update, { passive: true });
    const observer = new ResizeObserver(update);
    observer.observe(element);
    return () => {
      element.removeEventListener("scroll", update);
      observer.disconnect();
    };
  }, []);
  const first = Math.min(visible.first, Math.max(0, rows.length - 1));
  const shown = rows.slice(first, visible.last);
  return (
    <div class={`table ${props.kind}`} role="table" aria-label={props.label} aria-rowcount={rows.length + 1}>
      <div class="table-head" role="rowgroup">
        <div class="table-row" role="row" aria-rowindex={1}>
          {props.columns.map((column) => (
            <HeadCell key={column.title} {...column} />
          ))}
        </div>
      </div>
      <div class="table-scroll" role="rowgroup" ref={scroller} tabIndex={0} aria-label={`${props.label}, rows`}>
        <div class="table-space" role="presentation" style={{ height: `${rows.length * visible.height}px` }}>
          {shown.map((row, index) => (
            <div
              key={props.keyOf(row)}
              class="table-row"
              role="row"
              aria-rowindex={first + index + 2}
              style={{ transform: `translateY(${(first + index) * visible.height}px)` }}
            >
              {props.children(row)}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

function HeadCell({ title, numeric, sort }: Column): JSX.Element {
  const kind = numeric === true ? "cell numeric" : "cell";
  if (sort === undefined) {
    return (
      <div class={kind} role="columnheader">
        {title}
      </div>
    );
  }
  return (
    <div class={kind} role="columnheader" aria-sort={sort.direction}>
      <button type="button" class="sort" onClick={sort.onSort}>
        {title}
        <span class={`arrow ${sort.direction}`} aria-hidden="true" />
      </button>
    </div>
  );
}

/** A cell of a row. On a phone, its label is shown in front of it. */
export function Cell(props: {
  readonly label: string;
  readonly numeric?: boolean;
  readonly kind?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const kind = `cell ${props.numeric === true ? "numeric" : ""} ${props.kind ?? ""}`;
  return (
    <div class={kind} role="cell" data-label={props.label}>
      {props.children}
    </div>
  );
}
