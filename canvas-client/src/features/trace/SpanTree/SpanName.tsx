import { memo } from "react";

import { hitRanges, type Query } from "../model/query";
import { visibleName } from "../model/visibleName";
import styles from "./SpanName.module.css";

/** A name on one line, with what the search hit in it marked. */
export const SpanName = memo(function SpanName({
  name,
  query,
}: {
  readonly name: string;
  readonly query: Query | null;
}) {
  const shown = visibleName(name);
  const ranges = query === null ? [] : hitRanges(query, shown);
  const parts = [];
  let at = 0;
  for (let place = 0; place < ranges.length; place += 2) {
    const start = ranges[place] ?? 0;
    const end = ranges[place + 1] ?? start;
    parts.push(shown.slice(at, start));
    parts.push(
      <mark key={start} className={styles.hit}>
        {shown.slice(start, end)}
      </mark>,
    );
    at = end;
  }
  return (
    <>
      {parts}
      {shown.slice(at)}
    </>
  );
});
