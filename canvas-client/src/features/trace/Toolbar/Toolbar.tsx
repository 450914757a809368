import {
  Activity,
  Coins,
  FileBox,
  Flame,
  ListTree,
  PanelRightClose,
  PanelRightOpen,
  type LucideIcon,
} from "lucide-react";

import { IconButton, cx } from "@/ui";

import { useDetailsFold } from "../hooks/useDetailsFold";
import { TRACE_KEYS } from "../shortcuts";
import { useTrace, useTraceActions, type TraceView } from "../store";
import { VIEWS } from "../views";
import { FilterMenu } from "./FilterMenu";
import { SearchBox } from "./SearchBox";
import { ShareTools } from "./ShareTools";
import styles from "./Toolbar.module.css";
import { TreeTools } from "./TreeTools";

const VIEW_LABELS: Readonly<Record<TraceView, readonly [string, LucideIcon]>> = {
  tree: ["Tree", ListTree],
  flame: ["Flame", Flame],
  tokens: ["Tokens", Coins],
  artifacts: ["Artifacts", FileBox],
  events: ["Events", Activity],
};

/** Which view of the trace, what is looked for in it, and how the tree is shown. */
export function Toolbar() {
  const view = useTrace((state) => state.view);
  return (
    <div className={styles.toolbar}>
      <ViewSwitch />
      <SearchBox />
      <FilterMenu />
      <span className={styles.end}>
        {view === "tree" && <TreeTools />}
        <ShareTools />
        <DetailsFold />
      </span>
    </div>
  );
}

function DetailsFold() {
  const { overlay, folded, toggle } = useDetailsFold();
  if (overlay) return null;
  return (
    <IconButton
      label={folded ? "Show the details" : "Fold the details away"}
      icon={folded ? PanelRightOpen : PanelRightClose}
      keys={TRACE_KEYS.toggleDetails}
      onClick={toggle}
    />
  );
}

function ViewSwitch() {
  const view = useTrace((state) => state.view);
  const artifacts = useTrace((state) => state.artifacts.size);
  const { change } = useTraceActions();
  const offered = (Object.keys(VIEW_LABELS) as TraceView[]).filter((id) => id === "tree" || VIEWS[id] !== undefined);
  if (offered.length === 1) return null;
  return (
    <div role="group" aria-label="View" className={styles.views}>
      {offered.map((id) => {
        const [label, Icon] = VIEW_LABELS[id];
        return (
          <button
            key={id}
            type="button"
            aria-pressed={view === id}
            title={label}
            className={cx(styles.view, view === id && styles.shown)}
            onClick={() => change({ view: id })}
          >
            <Icon aria-hidden size={14} />
            <span className={styles.viewLabel}>{label}</span>
            {id === "artifacts" && artifacts > 0 && <span className={styles.badge}>{artifacts}</span>}
          </button>
        );
      })}
    </div>
  );
}
