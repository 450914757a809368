import { Popover } from "radix-ui";
import { Fragment } from "react";

import { cx } from "./cx";
import styles from "./MarkedText.module.css";
import { explainMarker, splitMarkers } from "./markers";
import type { Piece } from "./markers";

/** Text in which markers of redaction and truncation can be asked for their reason. */
export function MarkedText({ children }: { readonly children: string }) {
  const pieces = splitMarkers(children);
  if (pieces.length === 1 && pieces[0]?.kind === "text") return children;
  return pieces.map((piece, place) =>
    // The pieces of one text never change their places.
    piece.kind === "text" ? <Fragment key={place}>{piece.text}</Fragment> : <Marker key={place} piece={piece} />,
  );
}

function Marker({ piece }: { readonly piece: Exclude<Piece, { kind: "text" }> }) {
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <button
          type="button"
          className={cx(styles.marker, piece.kind === "truncated" && styles.truncated)}
          onClick={(event) => event.stopPropagation()}
        >
          {piece.kind === "redacted" ? `redacted${piece.rule === null ? "" : `: ${piece.rule}`}` : "truncated"}
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={styles.explanation}
          sideOffset={4}
          collisionPadding={8}
          onClick={(event) => event.stopPropagation()}
        >
          {explainMarker(piece)}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
