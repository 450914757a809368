import { useState } from "react";

import { Dialog, Keys, usePreference } from "@/ui";

import styles from "./ShortcutHelp.module.css";
import { SINGLE_KEYS, keysOf, registeredShortcuts } from "./shortcuts";

/** All keys that work where the reader is, by scope. */
export function ShortcutHelp({ onClose }: { readonly onClose: () => void }) {
  const [groups] = useState(registeredShortcuts);
  const [singleKeys, setSingleKeys] = usePreference(SINGLE_KEYS, true);
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose} width={720}>
      <div className={styles.groups}>
        {groups.map(({ scope, shortcuts }) => {
          const withKeys = shortcuts.filter((shortcut) => keysOf(shortcut).length > 0);
          return (
            withKeys.length > 0 && (
              <section key={scope} className={styles.group} aria-label={scope}>
                <h3 className={styles.scope}>{scope}</h3>
                <dl>
                  {withKeys.map((shortcut) => (
                    <div key={shortcut.id} className={styles.row}>
                      <dt>{shortcut.label}</dt>
                      <dd className={styles.keys}>
                        {keysOf(shortcut).map((keys) => (
                          <Keys key={keys} keys={keys} />
                        ))}
                      </dd>
                    </div>
                  ))}
                </dl>
              </section>
            )
          );
        })}
      </div>
      <label className={styles.single}>
        <input type="checkbox" checked={singleKeys} onChange={(event) => setSingleKeys(event.target.checked)} />
        Characters alone are shortcuts. Without them, all letters typed in a tree go to the name that begins so.
      </label>
    </Dialog>
  );
}
