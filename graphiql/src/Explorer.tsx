import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createClient } from "graphql-ws";

import { examples } from "./examples";

const socketUrl = new URL("/graphql", window.location.href);
socketUrl.protocol = socketUrl.protocol === "https:" ? "wss:" : "ws:";

const fetcher = createGraphiQLFetcher({
  url: "/graphql",
  headers: { Accept: "application/graphql-response+json, application/json;q=0.9" },
  wsClient: createClient({ url: socketUrl.href, lazy: true }),
});

// A link may bring its own query: /graphiql?query=…&variables=…
const link = new URLSearchParams(window.location.search);

/** GraphiQL over this server; the session cookie signs its requests and its socket. */
export function Explorer() {
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={examples}
      initialQuery={link.get("query") ?? undefined}
      initialVariables={link.get("variables") ?? undefined}
      isHeadersEditorEnabled={false}
      defaultEditorToolsVisibility="variables"
    >
      <GraphiQL.Logo>
        <a className="home" href="/">
          orcheo-trace
        </a>
      </GraphiQL.Logo>
    </GraphiQL>
  );
}
