import { RotateCw, Unplug } from "lucide-react";
import { useEffect, useState } from "react";

import { checkSession, useConnection } from "@/graphql";
import { Button } from "@/ui";

import styles from "./ServerBanner.module.css";

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 15_000;

/** Says that the server cannot be reached, and asks it again until it answers. */
export function ServerBanner() {
  const reachable = useConnection((state) => state.reachable);
  const socketLost = useConnection((state) => state.lostAt !== null);
  const [asking, setAsking] = useState(false);

  // A lost socket may be the socket's trouble alone.
  useEffect(() => {
    if (socketLost) void checkSession();
  }, [socketLost]);

  useEffect(() => {
    if (reachable) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const askAfter = (milliseconds: number) => {
      timer = setTimeout(() => {
        void checkSession().then((answered) => {
          if (!answered && timer !== undefined) askAfter(Math.min(milliseconds * 2, LONGEST_WAIT_MS));
        });
      }, milliseconds);
    };
    askAfter(FIRST_WAIT_MS);
    return () => {
      clearTimeout(timer);
      timer = undefined;
    };
  }, [reachable]);

  if (reachable) return null;
  return (
    <div role="alert" className={styles.banner}>
      <Unplug aria-hidden size={16} />
      <p className={styles.text}>
        <strong>The server cannot be reached.</strong> What you see may be out of date; it goes on by itself when the
        server is back.
      </p>
      <Button
        icon={RotateCw}
        busy={asking}
        onClick={() => {
          setAsking(true);
          void checkSession().then(() => setAsking(false));
        }}
      >
        Try now
      </Button>
    </div>
  );
}
