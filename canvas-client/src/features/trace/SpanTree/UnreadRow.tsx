import { ListPlus } from "lucide-react";
import { useEffect } from "react";

import { plural } from "@/ui";

import { parentOfUnread, type SiblingGroup } from "../model/siblings";
import type { SpanTree } from "../model/spanTree";
import { useTrace } from "../store";
import { RowFrame } from "./RowFrame";
import styles from "./SpanRow.module.css";
import type { RowPlace } from "./rowProps";
import type { GridGeometry } from "./useGridGeometry";

interface UnreadRowProps extends RowPlace {
  readonly group: SiblingGroup;
  readonly tree: SpanTree;
  readonly geometry: GridGeometry;
}

/** Children that are not read yet. The first come by themselves when their parent is unfolded, more on request. */
export function UnreadRow(props: UnreadRowProps) {
  const { group, tree, geometry } = props;
  const parentId = parentOfUnread(group);
  const parent = tree.indexOf(parentId);
  const untouched = tree.childrenOf(parent).length === 0;
  const readChildren = useTrace((state) => state.readChildren);

  useEffect(() => {
    if (untouched) readChildren?.(parentId);
  }, [untouched, readChildren, parentId]);

  const left = plural(tree.missingChildren(parent), "span");
  return (
    <RowFrame {...props} rowKey={group.key} failed={false}>
      <div role="gridcell" className={styles.name}>
        <span className={styles.noToggle} />
        <ListPlus aria-hidden size={14} color="var(--text-3)" />
        <span className={styles.text}>{untouched ? `Reading ${left}…` : `Read more: ${left} left`}</span>
      </div>
      <div role="gridcell" />
      <div role="gridcell" />
      {geometry.showTokens && <div role="gridcell" />}
      {geometry.showCost && <div role="gridcell" />}
    </RowFrame>
  );
}
