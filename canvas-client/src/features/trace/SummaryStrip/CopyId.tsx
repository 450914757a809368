import { Check, type LucideIcon } from "lucide-react";

import { Tooltip } from "@/ui";

import { useCopy } from "../hooks/useCopy";
import styles from "./SummaryStrip.module.css";

interface CopyIdProps {
  /** What it is, in words. */
  readonly label: string;
  readonly value: string;
  readonly short: string;
  readonly icon: LucideIcon;
}

/** An identifier, cut; a click copies all of it. */
export function CopyId({ label, value, short, icon: Icon }: CopyIdProps) {
  const { copied, copy } = useCopy();
  return (
    <Tooltip text={copied ? "Copied" : `Copy ${label} ${value}`}>
      <button type="button" className={styles.id} onClick={() => copy(value)}>
        {copied ? <Check aria-hidden size={13} /> : <Icon aria-hidden size={13} />}
        <span className="visually-hidden">Copy {label}</span>
        {copied ? "copied" : short}
      </button>
    </Tooltip>
  );
}
