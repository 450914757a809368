import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Client, cacheExchange, fetchExchange } from "@urql/core";
import { MemoryRouter, useLocation } from "react-router";
import type { ReactNode } from "react";
import { Provider } from "urql";

import { TooltipProvider } from "@/ui";
import { ToastRegion } from "@/ui/ToastRegion";

function Address() {
  const { pathname, search } = useLocation();
  return <output data-testid="address">{pathname + search}</output>;
}

/**
 * Renders `ui` at an address, with a client of its own, so that no test sees another's answers. `hasToasts` says that `ui`
 * has the place for them itself.
 */
export function renderAt(path: string, ui: ReactNode, { hasToasts = false } = {}) {
  const client = new Client({ url: "/graphql", preferGetMethod: false, exchanges: [cacheExchange, fetchExchange] });
  const user = userEvent.setup();
  const view = render(
    <Provider value={client}>
      <MemoryRouter initialEntries={[path]}>
        <TooltipProvider>
          {ui}
          {!hasToasts && <ToastRegion />}
          <Address />
        </TooltipProvider>
      </MemoryRouter>
    </Provider>,
  );
  return { user, ...view, address: () => view.getByTestId("address").textContent };
}
