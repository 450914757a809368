import { create } from "zustand";

/**
 * What is known of the way to the server. `live` is the socket that carries subscriptions: idle when nothing is subscribed.
 * `reachable` is told by requests of any kind.
 */
interface Connection {
  readonly live: "idle" | "connecting" | "connected" | "reconnecting";
  /** When the socket was lost, in milliseconds since the epoch; null unless it is being made again. */
  readonly lostAt: number | null;
  /** How often a lost socket came back. Feeds without a cursor are read again when it changes. */
  readonly recoveries: number;
  readonly reachable: boolean;
}

export const useConnection = create<Connection>(() => ({ live: "idle", lostAt: null, recoveries: 0, reachable: true }));

export const socketEvents = {
  connecting(isRetry: boolean) {
    useConnection.setState(isRetry ? { live: "reconnecting" } : { live: "connecting" });
  },
  connected(wasRetry: boolean) {
    useConnection.setState(({ recoveries }) => ({
      live: "connected",
      lostAt: null,
      reachable: true,
      recoveries: wasRetry ? recoveries + 1 : recoveries,
    }));
  },
  lost() {
    useConnection.setState(({ lostAt }) => ({ live: "reconnecting", lostAt: lostAt ?? Date.now() }));
  },
  closed() {
    useConnection.setState({ live: "idle", lostAt: null });
  },
};

export function reportReachable(reachable: boolean): void {
  if (useConnection.getState().reachable !== reachable) useConnection.setState({ reachable });
}
