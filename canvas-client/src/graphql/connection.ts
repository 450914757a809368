import { useEffect, useEffectEvent } from "react";
import { create } from "zustand";

/**
 * What is known of the way to the server. `live` is the socket that carries subscriptions: idle when nothing is subscribed.
 * `reachable` is told by requests of any kind.
 */
interface Connection {
  readonly live: "idle" | "connecting" | "connected" | "reconnecting";
  /** When the socket was lost, in milliseconds since the epoch; null unless it is being made again. */
  readonly lostAt: number | null;
  readonly reachable: boolean;
  /** How often the server came back after it could not be reached, or the socket after it was lost. */
  readonly recoveries: number;
}

export const useConnection = create<Connection>(() => ({
  live: "idle",
  lostAt: null,
  reachable: true,
  recoveries: 0,
}));

export const socketEvents = {
  connecting() {
    useConnection.setState(({ lostAt }) => ({ live: lostAt === null ? "connecting" : "reconnecting" }));
  },
  connected() {
    useConnection.setState(({ recoveries, lostAt, reachable }) => ({
      live: "connected",
      lostAt: null,
      reachable: true,
      recoveries: lostAt === null && reachable ? recoveries : recoveries + 1,
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
  useConnection.setState((state) => {
    if (state.reachable === reachable) return state;
    return { reachable, recoveries: reachable ? state.recoveries + 1 : state.recoveries };
  });
}

/** What could not be read before can be read now. */
export function reportRecovered(): void {
  useConnection.setState(({ recoveries }) => ({ recoveries: recoveries + 1 }));
}

/** For what is shown without a cursor to resume at: `readAgain` is called when the connection was lost and came back. */
export function useOnRecovery(readAgain: () => void): void {
  const recoveries = useConnection((state) => state.recoveries);
  const onRecovery = useEffectEvent(readAgain);
  useEffect(() => {
    if (recoveries > 0) onRecovery();
  }, [recoveries]);
}
