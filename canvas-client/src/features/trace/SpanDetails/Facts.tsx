import type { ReactNode } from "react";

import { cx } from "@/ui";

import { useTrace, useTraceActions } from "../store";
import styles from "./Facts.module.css";

/** Names and values; in two columns where there is room. */
export function Facts({ children, wide = true }: { readonly children: ReactNode; readonly wide?: boolean }) {
  return <dl className={cx(styles.list, wide && styles.wide)}>{children}</dl>;
}

interface FactProps {
  readonly name: string;
  readonly children: ReactNode;
  /** Said behind the value, fainter. */
  readonly aside?: ReactNode;
  readonly title?: string | undefined;
}

/** Nothing where there is no value. */
export function Fact({ name, children, aside, title }: FactProps) {
  if (children === null || children === undefined || children === "" || children === false) return null;
  return (
    <>
      <dt className={styles.name}>{name}</dt>
      <dd className={styles.value} title={title}>
        {children} {aside && <span className={styles.aside}>{aside}</span>}
      </dd>
    </>
  );
}

/** A span of this trace, by its name where it is known; selects it. */
export function SpanLink({ spanId, children }: { readonly spanId: string; readonly children?: ReactNode }) {
  const name = useTrace((state) => state.tree.byId(spanId)?.displayName);
  const { selectSpan } = useTraceActions();
  return (
    <button type="button" className={styles.link} onClick={() => selectSpan(spanId, { reveal: true })}>
      {children ?? name ?? spanId}
    </button>
  );
}
