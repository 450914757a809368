import { describeError, uncachedClient } from "@/graphql";
import type { SpanFactsQuery, SpanPayloadQuery } from "@/graphql";

import { SpanFactsDocument, SpanPayloadDocument } from "./documents";

type Found<Query extends { execution?: { span?: unknown } | null }> = NonNullable<
  NonNullable<Query["execution"]>["span"]
>;

/** All about a span but what went in and came out. */
export type SpanFacts = Omit<Found<SpanFactsQuery>, "attributes"> & {
  readonly attributes: Readonly<Record<string, unknown>>;
};

export interface SpanPayload {
  readonly revision: number;
  /** Null for what is not there. */
  readonly input: unknown;
  readonly output: unknown;
}

/** Of one part: what was read last, and how the last reading went. */
export interface Part<Data> {
  /** Of an older revision while a newer one is read. */
  readonly data: Data | null;
  readonly phase: "reading" | "read" | "failed" | "missing";
  readonly error: string | null;
}

export type FactsPart = Part<SpanFacts>;
export type PayloadPart = Part<SpanPayload>;

const object = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** Null when there is no such span. An error is thrown in words. */
export async function readFacts(executionId: string, spanId: string): Promise<SpanFacts | null> {
  const { data, error } = await uncachedClient.query(SpanFactsDocument, { executionId, spanId }).toPromise();
  if (!data) throw new Error(error ? describeError(error) : "The server gave no answer.");
  const span = data.execution?.span;
  return span ? { ...span, attributes: object(span.attributes) } : null;
}

export async function readPayload(executionId: string, spanId: string): Promise<SpanPayload | null> {
  const { data, error } = await uncachedClient.query(SpanPayloadDocument, { executionId, spanId }).toPromise();
  if (!data) throw new Error(error ? describeError(error) : "The server gave no answer.");
  const span: Found<SpanPayloadQuery> | null | undefined = data.execution?.span;
  if (!span) return null;
  return { revision: span.revision, input: span.input ?? null, output: span.output ?? null };
}
