import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import type { KeyboardEvent } from "react";

import { cx } from "./cx";
import { formatBytes, formatCount, plural } from "./format";
import { MarkedText } from "./MarkedText";
import { cutText, textLines } from "./textLines";
import styles from "./TextView.module.css";

/** Longer texts are never put into the page as a whole: only the lines in view are. */
const VIRTUAL_OVER = 64_000;

interface TextViewProps {
  readonly text: string;
  /** What it is, for assistive technology. */
  readonly label: string;
  readonly mono?: boolean;
  /** All of it at once, filling and scrolling its container; otherwise the beginning, and the rest when asked for. */
  readonly fill?: boolean;
  /** How many lines are shown unasked. */
  readonly lines?: number;
}

/** A text of any length. */
export function TextView({ text, label, mono = true, fill = false, lines = 12 }: TextViewProps) {
  const [whole, setWhole] = useState(fill);
  const cut = useMemo(() => cutText(text, lines), [text, lines]);
  const font = mono ? styles.mono : styles.prose;
  const isCut = cut.characters > 0;

  if (whole && text.length > VIRTUAL_OVER) {
    return (
      <>
        <VirtualText text={text} label={label} className={cx(font, fill ? styles.fill : styles.window)} />
        {!fill && <More label="Show less" onClick={() => setWhole(false)} />}
      </>
    );
  }
  if (fill) {
    return (
      // Scrolled by the keyboard, so it has to take the focus.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      <pre tabIndex={0} role="region" aria-label={label} className={cx(styles.text, styles.fill, font)}>
        <MarkedText>{text}</MarkedText>
      </pre>
    );
  }
  return (
    <>
      <pre className={cx(styles.text, font)}>
        <MarkedText>{whole ? text : cut.text}</MarkedText>
        {isCut && !whole && "…"}
      </pre>
      {isCut && <More label={whole ? "Show less" : `Show all: ${rest(cut)}`} onClick={() => setWhole(!whole)} />}
    </>
  );
}

function rest({ lines, characters }: { readonly lines: number; readonly characters: number }): string {
  if (characters > 10_000) return `${formatBytes(characters)} more`;
  return lines > 1 ? plural(lines, "more line") : `${formatCount(characters)} more characters`;
}

export function More({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <button type="button" className={cx(styles.more, styles.flush)} onClick={onClick}>
      {label}
    </button>
  );
}

interface VirtualTextProps {
  readonly text: string;
  readonly label: string;
  readonly className: string;
}

function VirtualText({ text, label, className }: VirtualTextProps) {
  const scroller = useRef<HTMLPreElement>(null);
  const lines = useMemo(() => textLines(text), [text]);
  // eslint-disable-next-line react-hooks/incompatible-library -- the rows are drawn here and handed to nobody
  const virtualizer = useVirtualizer({
    count: lines.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => 18,
    overscan: 20,
  });
  // Lines that were not seen yet are only guessed to be one row high: what the browser takes for the end is not.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "End" || event.target !== scroller.current) return;
    event.preventDefault();
    virtualizer.scrollToIndex(lines.count - 1, { align: "end" });
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions
    <pre ref={scroller} tabIndex={0} role="region" aria-label={label} className={className} onKeyDown={onKeyDown}>
      <div className={styles.canvas} style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => (
          <div
            key={key}
            ref={virtualizer.measureElement}
            data-index={index}
            className={styles.line}
            style={{ transform: `translateY(${start}px)` }}
          >
            <MarkedText>{lines.at(index)}</MarkedText>
          </div>
        ))}
      </div>
    </pre>
  );
}
