import { EVERYTHING } from "./model/expansion";
import { readTraceParams, writeTraceParams, type Linked } from "./url";

const read = (query: string) => readTraceParams(new URLSearchParams(query));
const write = (linked: Linked, query = "") => {
  const params = new URLSearchParams(query);
  writeTraceParams(params, linked);
  return params.toString();
};

describe("the address of a trace", () => {
  it("is empty for a trace as it comes", () => {
    expect(write(read(""))).toBe("");
    expect(read("").expansion).toBe(EVERYTHING);
  });

  it("restores all that was chosen", () => {
    const query =
      "view=flame&q=kind%3Atool+refund&only=1&kind=llm+tool&status=error&dur=100&tokens=2000&from=1.5&to=20.25&sort=duration&time=absolute&path=0&depth=2&fold=00000000000000aa&unfold=00000000000000bb";
    expect(write(read(query))).toBe(query);
  });

  it("keeps what others have put into it", () => {
    expect(write({ ...read(""), sort: "tokens" }, "execution=e&span=s&sort=cost&details=raw")).toBe(
      "execution=e&span=s&details=raw&sort=tokens",
    );
  });

  it("takes what makes no sense as not said", () => {
    const linked = read(
      "view=nowhere&sort=up&time=now&kind=llm+cake&status=ill&dur=-5&tokens=x&from=9&to=2&depth=-1&fold=zz",
    );
    expect({ ...linked, filters: undefined }).toEqual({ ...read(""), filters: undefined });
    expect([...linked.filters.categories]).toEqual(["LLM"]);
    expect(linked.filters).toMatchObject({ minDurationMs: 0, minTokens: 0 });
  });

  it("leaves folds out when they are too many for a link", () => {
    const overrides = new Map(
      Array.from({ length: 21 }, (_, at) => [at.toString(16).padStart(16, "0"), false] as const),
    );
    expect(write({ ...read(""), expansion: { depth: Infinity, overrides } })).toBe("");
  });
});
