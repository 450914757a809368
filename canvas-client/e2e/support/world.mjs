// What all end-to-end tests need: the program on a directory of its own, a way to it, a browser.
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { after, before } from "node:test";
import { finished, graphql, saveWorkflow, start, startExecution, withDirectory } from "../../../scripts/program.mjs";
import { launch, withPage } from "./browser.mjs";
import { startProxy } from "./proxy.mjs";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const BINARY = process.env.ORCHEO_TRACE_BINARY ?? at("../../../target/debug/orcheo-trace");

/** Made before the tests of a file, with what `prepare` does in it, and taken down after them. */
export function useWorld(prepare = () => undefined, environment = {}) {
  const world = { server: null, proxy: null, browser: null };
  let release = () => undefined;
  let removed = Promise.resolve();

  before(async () => {
    const directory = await new Promise((resolve, reject) => {
      removed = withDirectory((path) => {
        resolve(path);
        return new Promise((done) => (release = done));
      }).catch(reject);
    });
    const args = [
      "serve",
      "--listen",
      "127.0.0.1:0",
      "--data-dir",
      join(directory, "data"),
      "--workflows",
      at("../../../examples"),
    ];
    world.server = await start(BINARY, args, {
      ORCHEO_TRACE_LOG: "warn",
      ORCHEO_TRACE_OTLP_GRPC_LISTEN: "127.0.0.1:0",
      ...environment,
    });
    world.proxy = await startProxy(world.server.url);
    world.browser = await launch();
    await prepare(tools);
  });

  after(async () => {
    await world.browser?.close();
    world.proxy?.close();
    await world.server?.stop();
    release();
    await removed;
  });

  const tools = {
    get url() {
      return world.server.url;
    },
    get proxy() {
      return world.proxy;
    },
    page: (use, options) => withPage(world.browser, world.server.url, use, options),
    /** The same, by the way that can be blocked. */
    pageByProxy: (use, options) =>
      withPage(world.browser, world.proxy.url, use, options).finally(() => world.proxy.unblock()),
    graphql: (query, variables) => graphql(world.server.url, query, variables),
    save: (definition) => saveWorkflow(world.server.url, definition),
    start: (workflowId, inputs) => startExecution(world.server.url, workflowId, inputs),
    finished: (executionId) => finished(world.server.url, executionId),
    /** Starts a workflow and waits for its end. */
    run: async (workflowId, inputs) =>
      finished(world.server.url, await startExecution(world.server.url, workflowId, inputs)),
    spanIds: async (executionId) => {
      const { execution } = await graphql(
        world.server.url,
        "query ($id: ID!) { execution(executionId: $id) { spans(first: 10000) { nodes { spanId } } } }",
        { id: executionId },
      );
      return execution.spans.nodes.map(({ spanId }) => spanId);
    },
  };
  return tools;
}
