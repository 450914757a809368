import { Command } from "cmdk";
import { useState } from "react";
import { useNavigate } from "react-router";

import { Dialog, Keys } from "@/ui";

import styles from "./CommandPalette.module.css";
import { PalettePlaces } from "./PalettePlaces";
import { EVERYWHERE, keysOf, registeredShortcuts } from "./shortcuts";
import type { ShortcutGroup } from "./shortcuts";

/** Finds a place or a command by a few letters. */
export function CommandPalette({ onClose }: { readonly onClose: () => void }) {
  const [groups] = useState(registeredShortcuts);
  const here = groups.filter(({ scope }) => scope !== EVERYWHERE);
  const everywhere = groups.filter(({ scope }) => scope === EVERYWHERE);
  const [search, setSearch] = useState("");
  const navigate = useNavigate();
  const goTo = (path: string) => {
    onClose();
    void navigate(path);
  };

  const commands = ({ scope, shortcuts }: ShortcutGroup) => (
    <Command.Group key={scope} heading={scope} className={styles.group}>
      {shortcuts
        .filter(({ run, palette = true }) => run && palette)
        .map((shortcut) => (
          <Command.Item
            key={shortcut.id}
            value={`${scope} ${shortcut.label}`}
            keywords={[...(shortcut.keywords ?? [])]}
            className={styles.item}
            onSelect={() => {
              onClose();
              shortcut.run?.();
            }}
          >
            <span className={styles.label}>{shortcut.label}</span>
            {keysOf(shortcut)
              .slice(0, 1)
              .map((keys) => (
                <Keys key={keys} keys={keys} />
              ))}
          </Command.Item>
        ))}
    </Command.Group>
  );

  return (
    <Dialog title="Go to anything" onClose={onClose} width={600} bare placement="top">
      <Command label="Commands" loop className={styles.palette}>
        <Command.Input
          data-autofocus
          value={search}
          onValueChange={setSearch}
          placeholder="A workflow, a run, a trace id, a command…"
          className={styles.input}
        />
        <Command.List className={styles.list}>
          <Command.Empty className={styles.empty}>Nothing has that name.</Command.Empty>
          {here.map(commands)}
          <PalettePlaces search={search} goTo={goTo} />
          {everywhere.map(commands)}
        </Command.List>
      </Command>
    </Dialog>
  );
}
