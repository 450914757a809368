import { describe, expect, it } from "vitest";

import { readFailure } from "./failure";

const span = (more: object = {}) => ({
  status: { code: "ERROR" as const, message: "from the status" },
  attributes: {},
  events: [],
  ...more,
});

const exception = (attributes: object) => ({
  events: [{ name: "exception", time: "", offsetMs: 0, attributes, droppedAttributesCount: 0 }],
});

const PYTHON = `Traceback (most recent call last):
  File "/app/flows/order.py", line 12, in run
    price(order)
  File "/app/flows/price.py", line 7, in price
    return client.get(url)
  File "/usr/lib/python3.12/site-packages/httpx/_client.py", line 1027, in get
    raise ConnectError
httpx.ConnectError: refused`;

const NODE = `TypeError: x is not a function
    at Object.call (/srv/app/node_modules/lib/index.js:3:9)
    at handle (/srv/app/src/handler.js:41:7)
    at node:internal/process/task_queues:95:5`;

describe("readFailure", () => {
  it("is null for a span that did not fail", () => {
    expect(readFailure(span({ status: { code: "OK", message: null } }))).toBeNull();
  });

  it("takes what the last exception says", () => {
    const failure = readFailure(
      span(
        exception({ "exception.type": "ValueError", "exception.message": "no price", "exception.stacktrace": PYTHON }),
      ),
    );
    expect(failure).toMatchObject({ type: "ValueError", message: "no price", stack: PYTHON });
  });

  it("falls back on attributes and on the status", () => {
    expect(readFailure(span({ attributes: { "error.type": "TIMEOUT" } }))).toEqual({
      type: "TIMEOUT",
      message: "from the status",
      stack: null,
      ownFrame: null,
    });
  });

  it("does not say the same twice", () => {
    const twice = span({ attributes: { "error.type": "from the status" } });
    expect(readFailure(twice)).toMatchObject({ type: "from the status", message: null });
  });

  it.each([
    ["the last own frame of Python", PYTHON, 'File "/app/flows/price.py", line 7, in price'],
    ["the first own frame of JavaScript", NODE, "at handle (/srv/app/src/handler.js:41:7)"],
    ["nothing in a text that is no stack", "it broke", null],
  ])("finds %s", (_, stack, ownFrame) => {
    expect(readFailure(span(exception({ "exception.stacktrace": stack })))?.ownFrame).toBe(ownFrame);
  });
});
