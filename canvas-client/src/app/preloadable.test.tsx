import { render, screen } from "@testing-library/react";
import { Suspense } from "react";
import { expect, it, vi } from "vitest";

import { preloadable } from "./preloadable";

const Greeting = ({ name }: { readonly name: string }) => <p>Hello {name}</p>;

it("is drawn at once when it was loaded before, and loaded when it was not", async () => {
  const load = vi.fn(() => Promise.resolve(Greeting));
  const late = preloadable(load);
  const { unmount } = render(
    <Suspense fallback="Loading">
      <late.Part name="late" />
    </Suspense>,
  );
  expect(screen.getByText("Loading")).toBeInTheDocument();
  expect(await screen.findByText("Hello late")).toBeInTheDocument();
  unmount();

  const early = preloadable(load);
  early.preload();
  await load.mock.results[1]?.value;
  render(
    <Suspense fallback="Loading">
      <early.Part name="early" />
    </Suspense>,
  );
  expect(screen.getByText("Hello early")).toBeInTheDocument();
});
