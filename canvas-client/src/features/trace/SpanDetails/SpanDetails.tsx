import { useSelectedSpan } from "../store";

/** All about the selected span. */
export function SpanDetails() {
  const { record } = useSelectedSpan();
  return <section aria-label="Span">{record?.displayName}</section>;
}
