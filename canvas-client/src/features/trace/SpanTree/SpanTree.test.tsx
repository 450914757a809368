import { act, fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { useShortcuts } from "@/app";
import { SINGLE_KEYS, useShortcutDispatch } from "@/app/shortcuts";
import { TooltipProvider } from "@/ui";
import { writePreference } from "@/ui/preference";

import { applySpans } from "../model/applySpans";
import type { SpanRecord } from "../model/span";
import { failure, span, stillRunning } from "../model/testing";
import { createTraceStore, TraceProvider, type TraceStore } from "../store";
import { SpanTree } from "./SpanTree";

const SPANS = [
  span("root", null, { displayName: "workflow.execution", durationMs: 100 }),
  span("a", "root", { displayName: "Ask", startMs: 1, durationMs: 20 }),
  span("a1", "a", { displayName: "chat gpt", startMs: 2, durationMs: 10 }),
  span("a2", "a", { displayName: "lookup", startMs: 12, durationMs: 5, ...failure }),
  span("b", "root", { displayName: "Zip", startMs: 30, durationMs: 40 }),
];

function setUp(spans: readonly SpanRecord[] = SPANS) {
  // jsdom lays nothing out: an element tells no size of its own.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1_000);
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  const store = createTraceStore("e");
  add(store, spans);
  render(
    <TooltipProvider>
      <TraceProvider store={store}>
        <SpanTree />
      </TraceProvider>
    </TooltipProvider>,
  );
  return { store, user: userEvent.setup() };
}

function add(store: TraceStore, spans: readonly SpanRecord[]): void {
  const { tree } = store.getState();
  applySpans(tree, spans);
  store.setState({ version: tree.version, originMs: 0, load: { phase: "loaded" } });
}

const row = (name: RegExp | string) => screen.getByRole("row", { name });
const rowIds = () => screen.getAllByRole("row").flatMap((each) => each.dataset.spanId ?? []);

describe("the tree of spans", () => {
  it("is a treegrid whose rows tell their place", () => {
    setUp();
    expect(screen.getByRole("treegrid", { name: "Spans" })).toHaveAttribute("aria-rowcount", "6");
    const ask = row(/^Ask/);
    expect(ask).toHaveAttribute("aria-level", "2");
    expect(ask).toHaveAttribute("aria-posinset", "1");
    expect(ask).toHaveAttribute("aria-setsize", "2");
    expect(ask).toHaveAttribute("aria-expanded", "true");
    expect(ask).toHaveAttribute("aria-rowindex", "3");
    expect(ask).toHaveAttribute("data-span-id", "a");
    expect(row(/^Zip/)).not.toHaveAttribute("aria-expanded");
    expect(within(ask).getByText("20.0 ms")).toBeInTheDocument();
  });

  it("tells failures in words, on the span and above it", () => {
    setUp();
    expect(row(/^lookup failed/)).toBeInTheDocument();
    expect(row(/^Ask .*error below/)).toBeInTheDocument();
  });

  it("marks the first token, events and exceptions on every bar, also of attempts in one row", () => {
    const marks: SpanRecord["marks"] = [
      { kind: "FIRST_TOKEN", offsetMs: 4, name: "first token" },
      { kind: "EVENT", offsetMs: 8, name: "retry" },
      { kind: "EXCEPTION", offsetMs: 10, name: "exception" },
    ];
    const attempt = (id: string, number: number, more: Partial<SpanRecord>) =>
      span(id, "root", {
        displayName: "Fetch",
        nodeId: "fetch",
        iteration: 1,
        attempt: number,
        durationMs: 20,
        ...more,
      });
    setUp([
      span("root", null, { durationMs: 100 }),
      span("a", "root", { displayName: "Ask", startMs: 1, durationMs: 20, marks }),
      attempt("f1", 1, { startMs: 30, marks: marks.slice(2), ...failure }),
      attempt("f2", 2, { startMs: 60 }),
    ]);
    const bar = within(row(/^Ask/)).getByRole("gridcell", {
      name: /^starts at 1\.0\sms, first token after 4\.0\sms, 1\sexception, 1\sevent$/,
    });
    const marked = within(bar).getAllByTitle(/after/);
    expect(marked.map(({ title }) => title.replaceAll("\u00a0", " "))).toEqual([
      "first token after 4.0 ms",
      "retry after 8.0 ms",
      "exception after 10.0 ms",
    ]);
    expect(new Set(marked.map(({ className }) => className)).size).toBe(3);
    expect(within(row(/^Fetch 2\sattempts/)).getByTitle(/^exception after/)).toBeInTheDocument();
  });

  it("draws only the rows in view", () => {
    setUp([span("root", null), ...Array.from({ length: 5_000 }, (_, at) => span(`s${at}`, "root", { startMs: at }))]);
    expect(screen.getByRole("treegrid")).toHaveAttribute("aria-rowcount", "5002");
    expect(rowIds().length).toBeLessThan(60);
  });

  it("selects a row that is clicked and folds one whose toggle is", async () => {
    const { store, user } = setUp();
    await user.click(screen.getByText("Zip"));
    expect(store.getState().selectedId).toBe("b");
    expect(row(/^Zip/)).toHaveAttribute("aria-selected", "true");
    const toggle = row(/^Ask/).querySelector("[data-toggle]");
    expect(toggle).not.toBeNull();
    if (toggle) await user.click(toggle);
    expect(rowIds()).toEqual(["root", "a", "b"]);
    expect(store.getState().selectedId).toBe("b");
  });
});

describe("the keyboard", () => {
  it("has one stop in the tree, and moves with the arrows", async () => {
    const { store, user } = setUp();
    act(() => row(/^workflow/).focus());
    await user.keyboard("{ArrowDown}{ArrowDown}");
    expect(row(/^chat/)).toHaveFocus();
    expect(store.getState().selectedId).toBe("a1");
    expect(screen.getAllByRole("row").filter((each) => each.tabIndex === 0)).toEqual([row(/^chat/)]);
    await user.keyboard("{End}");
    expect(row(/^Zip/)).toHaveFocus();
    await user.keyboard("{Home}");
    expect(row(/^workflow/)).toHaveFocus();
    await user.keyboard("{PageDown}");
    expect(row(/^Zip/)).toHaveFocus();
  });

  it("folds, goes to the parent, unfolds, goes to the first child", async () => {
    const { user } = setUp();
    act(() => row(/^workflow/).focus());
    await user.keyboard("{ArrowDown}{ArrowDown}{ArrowLeft}");
    expect(row(/^Ask/)).toHaveFocus();
    await user.keyboard("{ArrowLeft}");
    expect(row(/^Ask/)).toHaveAttribute("aria-expanded", "false");
    expect(rowIds()).toEqual(["root", "a", "b"]);
    await user.keyboard("{ArrowRight}");
    expect(rowIds()).toEqual(["root", "a", "a1", "a2", "b"]);
    await user.keyboard("{ArrowRight}");
    expect(row(/^chat/)).toHaveFocus();
  });

  it("unfolds all siblings with *", async () => {
    const { store, user } = setUp([...SPANS, span("b1", "b", { startMs: 31 })]);
    act(() => store.getState().setFolds(["a", "b"], false));
    act(() => row(/^Ask/).focus());
    await user.keyboard("{ArrowDown}*");
    expect(rowIds()).toEqual(["root", "a", "a1", "a2", "b", "b1"]);
  });

  it("finds a name by its first letters", async () => {
    const { user } = setUp();
    act(() => row(/^workflow/).focus());
    await user.keyboard("zi");
    expect(row(/^Zip/)).toHaveFocus();
  });

  it("keeps the focus on its span while others come before it, and in the tree when its row is folded away", async () => {
    const { store, user } = setUp();
    act(() => row(/^workflow/).focus());
    await user.keyboard("{End}");
    act(() => add(store, [span("late", "a", { displayName: "late", startMs: 5 })]));
    expect(row(/^Zip/)).toHaveFocus();
    await user.keyboard("{ArrowUp}{ArrowUp}");
    expect(row(/^late/)).toHaveFocus();
    act(() => store.getState().setFolds(["a"], false));
    expect(row(/^Ask/)).toHaveFocus();
  });
});

describe("a running trace", () => {
  it("keeps folds and selection while spans come, end and fail", async () => {
    const { store, user } = setUp([...SPANS, span("c", "root", { displayName: "Wait", startMs: 50, ...stillRunning })]);
    await user.click(screen.getByText("Zip"));
    act(() => store.getState().setFolds(["a"], false));
    act(() =>
      add(store, [
        span("c", "root", { revision: 2, displayName: "Wait", startMs: 50, ...failure }),
        span("d", "root", { startMs: 60 }),
      ]),
    );
    expect(rowIds()).toEqual(["root", "a", "b", "c", "d"]);
    expect(row(/^Wait failed/)).toBeInTheDocument();
    expect(row(/^Zip/)).toHaveAttribute("aria-selected", "true");
  });

  it("offers the way back to the newest span", async () => {
    const { store, user } = setUp();
    act(() => store.setState({ link: { state: "live" } }));
    act(() => add(store, [span("d", "root", { startMs: 60 })]));
    await user.click(screen.getByRole("button", { name: /1.new span/ }));
    expect(store.getState().following).toBe(true);
    expect(screen.queryByRole("button", { name: /new span/ })).not.toBeInTheDocument();
  });
});

describe("the heads of the columns", () => {
  it("sort into a flat list and back", async () => {
    const { user } = setUp();
    await user.click(screen.getByRole("button", { name: "Duration" }));
    expect(rowIds()).toEqual(["root", "b", "a", "a1", "a2"]);
    expect(screen.getByRole("columnheader", { name: /Duration/ })).toHaveAttribute("aria-sort", "descending");
    expect(screen.getByText("Flat list, longest first")).toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Duration" }));
    expect(rowIds()).toEqual(["root", "a", "a1", "a2", "b"]);
  });
});

describe("typing a name", () => {
  const Shortcuts = ({ run }: { readonly run: () => void }) => {
    useShortcuts("Trace", [
      { id: "zoom", keys: "z", label: "Zoom", run },
      { id: "help", keys: "?", label: "Help", run },
    ]);
    useShortcutDispatch();
    return null;
  };

  it("does not begin with the key of a shortcut", async () => {
    const { user } = setUp();
    const run = vi.fn();
    render(<Shortcuts run={run} />);
    act(() => row(/^workflow/).focus());
    await user.keyboard("z?");
    expect(run).toHaveBeenCalledTimes(2);
    await user.keyboard("az");
    expect(run).toHaveBeenCalledTimes(2);
    expect(row(/^Ask/)).toHaveFocus();
  });

  it("may, where the reader does without such shortcuts", async () => {
    const { user } = setUp();
    const run = vi.fn();
    render(<Shortcuts run={run} />);
    act(() => writePreference(SINGLE_KEYS, false));
    act(() => row(/^workflow/).focus());
    await user.keyboard("z");
    expect(row(/^Zip/)).toHaveFocus();
    expect(run).not.toHaveBeenCalled();
    act(() => writePreference(SINGLE_KEYS, true));
  });
});

describe("the axis of times", () => {
  const axis = () => screen.getByRole("slider", { name: "Range of time to zoom to" });

  it("measures a range with the keys, and zooms to it", async () => {
    const { store, user } = setUp();
    act(() => axis().focus());
    await user.keyboard("{PageUp}{PageUp}{Shift>}{ArrowRight}{/Shift}");
    // Of 100 ms, from 2 to 40.
    expect(axis().getAttribute("aria-valuetext")).toMatch(/^38\.0\sms, 5\sspans$/);
    await user.keyboard("{Enter}");
    expect(store.getState().zoom).toEqual({ startMs: 2, endMs: 40 });
    expect(axis().getAttribute("aria-valuetext")).toMatch(/^No range/);
  });

  it("drops the range with Escape, which then takes back nothing else", async () => {
    const { store, user } = setUp();
    act(() => store.getState().setZoom({ startMs: 0, endMs: 50 }));
    act(() => axis().focus());
    await user.keyboard("{PageUp}{Escape}");
    expect(axis().getAttribute("aria-valuetext")).toMatch(/^No range/);
    expect(store.getState().zoom).not.toBeNull();
  });

  it("measures a range that is dragged, and zooms when it is let go", () => {
    const { store } = setUp();
    const width = Number.parseFloat(
      screen.getByRole("treegrid").parentElement?.style.getPropertyValue("--timeline-width") ?? "",
    );
    // jsdom has no pointer events.
    const pointer = (type: string, fraction: number) =>
      fireEvent(axis(), new MouseEvent(`pointer${type}`, { bubbles: true, clientX: width * fraction }));
    pointer("down", 0.3);
    pointer("move", 0.7);
    expect(axis().getAttribute("aria-valuetext")).toMatch(/^40\.0\sms, 2\sspans$/);
    pointer("up", 0.7);
    expect(store.getState().zoom?.startMs).toBeCloseTo(30);
    expect(store.getState().zoom?.endMs).toBeCloseTo(70);
    pointer("down", 0.5);
    pointer("up", 0.5);
    expect(store.getState().zoom?.startMs).toBeCloseTo(30);
  });
});
