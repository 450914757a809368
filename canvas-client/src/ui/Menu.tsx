import type { LucideIcon } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactElement } from "react";

import { Keys } from "./Keys";
import styles from "./Menu.module.css";
import { cx } from "./cx";

export interface MenuItem {
  readonly id: string;
  readonly label: string;
  readonly icon?: LucideIcon;
  readonly keys?: string;
  readonly disabled?: boolean;
  readonly danger?: boolean;
  /** With a mark: one of several, or on and off. */
  readonly checked?: boolean;
  readonly onSelect: () => void;
}

interface MenuProps {
  readonly label: string;
  /** The button that opens it. */
  readonly children: ReactElement;
  /** Groups, with a line between them. */
  readonly groups: readonly (readonly MenuItem[])[];
  readonly align?: "start" | "end";
  /** While marks are set and taken away: for choices of which several may hold. */
  readonly staysOpen?: boolean;
}

export function Menu({ label, children, groups, align = "end", staysOpen = false }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className={styles.menu}
          aria-label={label}
          align={align}
          sideOffset={4}
          collisionPadding={8}
        >
          {groups
            .filter((group) => group.length > 0)
            .map((group, index) => (
              <DropdownMenu.Group key={group[0]?.id}>
                {index > 0 && <DropdownMenu.Separator className={styles.separator} />}
                {group.map((item) => (
                  <Item key={item.id} item={item} staysOpen={staysOpen} />
                ))}
              </DropdownMenu.Group>
            ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Item({ item, staysOpen }: { readonly item: MenuItem; readonly staysOpen: boolean }) {
  const { label, icon: Icon, keys, disabled = false, danger = false, checked, onSelect } = item;
  const className = cx(styles.item, danger && styles.danger);
  const content = (
    <>
      <span className={styles.icon}>{Icon && <Icon aria-hidden size={14} />}</span>
      <span className={styles.label}>{label}</span>
      {keys && <Keys keys={keys} />}
    </>
  );
  if (checked === undefined) {
    return (
      <DropdownMenu.Item className={className} disabled={disabled} onSelect={onSelect}>
        {content}
      </DropdownMenu.Item>
    );
  }
  return (
    <DropdownMenu.CheckboxItem
      className={className}
      disabled={disabled}
      checked={checked}
      onSelect={(event) => {
        if (staysOpen) event.preventDefault();
        onSelect();
      }}
    >
      {content}
      <DropdownMenu.ItemIndicator className={styles.mark}>✓</DropdownMenu.ItemIndicator>
    </DropdownMenu.CheckboxItem>
  );
}
