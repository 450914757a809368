import { Check, Copy, CopyX } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { useEffect, useState } from "react";

import { IconButton } from "./Button";
import { copyText } from "./clipboard";
import styles from "./CopyButton.module.css";
import { cx } from "./cx";

interface CopyButtonProps {
  /** A function for what is costly to write: it is called when it is copied. */
  readonly text: string | (() => string);
  /** "Copy the span's id". */
  readonly label: string;
  readonly icon?: LucideIcon;
  /** In a row of text instead of a bar of buttons. */
  readonly small?: boolean;
  readonly className?: string;
  /** -1 where a widget with one tab stop offers the same by a key. */
  readonly tabIndex?: number;
}

/** How long the answer stays in the button's place. */
const ANSWER_MS = 1_500;

/** Copies, and says so in place. */
export function CopyButton({ text, label, icon = Copy, small = false, className, tabIndex }: CopyButtonProps) {
  const [answer, setAnswer] = useState<"copied" | "failed" | null>(null);

  useEffect(() => {
    if (answer === null) return;
    const timer = setTimeout(() => setAnswer(null), ANSWER_MS);
    return () => clearTimeout(timer);
  }, [answer]);

  const copy = async () => {
    setAnswer((await copyText(typeof text === "string" ? text : text())) ? "copied" : "failed");
  };

  return (
    <>
      <IconButton
        label={answer === "copied" ? "Copied" : answer === "failed" ? "The browser does not allow copying" : label}
        icon={answer === "copied" ? Check : answer === "failed" ? CopyX : icon}
        size={small ? 12 : 14}
        tabIndex={tabIndex}
        className={cx(small && styles.small, answer && styles[answer], className)}
        onClick={(event) => {
          event.stopPropagation();
          void copy();
        }}
      />
      <span role="status" className="visually-hidden">
        {answer === "copied" ? "Copied" : ""}
      </span>
    </>
  );
}
