// A way to a server that can be blocked: for everything, or for sockets alone.
import net from "node:net";

/** Forwards to `target`. `address` stays the same while the way is blocked and open again. */
export async function startProxy(target) {
  const { hostname, port } = new URL(target);
  const open = new Set();
  let blocked = "nothing";

  const isRefused = (head) =>
    blocked === "everything" || (blocked === "sockets" && /^upgrade: *websocket/im.test(head.toString("latin1")));

  const server = net.createServer((incoming) => {
    const pair = { incoming, outgoing: null, isSocket: false };
    open.add(pair);
    const close = () => {
      incoming.destroy();
      pair.outgoing?.destroy();
      open.delete(pair);
    };
    incoming.on("error", close);
    incoming.on("close", close);
    incoming.once("data", (head) => {
      if (isRefused(head)) return close();
      pair.isSocket = /^upgrade: *websocket/im.test(head.toString("latin1"));
      pair.outgoing = net.connect(Number(port), hostname);
      pair.outgoing.on("error", close);
      pair.outgoing.on("close", close);
      pair.outgoing.write(head);
      incoming.pipe(pair.outgoing);
      pair.outgoing.pipe(incoming);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** As when the network goes away: no closing handshake, and no new connection until `unblock`. */
    block(what) {
      blocked = what;
      for (const { incoming, outgoing, isSocket } of open) {
        if (what === "sockets" && !isSocket) continue;
        incoming.destroy();
        outgoing?.destroy();
      }
    },
    unblock() {
      blocked = "nothing";
    },
    close() {
      for (const { incoming, outgoing } of open) {
        incoming.destroy();
        outgoing?.destroy();
      }
      server.close();
    },
  };
}
