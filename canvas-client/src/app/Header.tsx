import { ChevronRight, CircleQuestionMark, LogOut, Monitor, Moon, Search, Sun } from "lucide-react";
import { Link } from "react-router";

import { signOut, useSession } from "@/graphql";
import { IconButton, Keys, Menu } from "@/ui";

import styles from "./Header.module.css";
import { useBreadcrumbs } from "./breadcrumbs";
import type { Crumb } from "./breadcrumbs";
import { useTheme } from "./theme";
import type { ThemePreference } from "./theme";

const THEMES: readonly { readonly id: ThemePreference; readonly label: string; readonly icon: typeof Sun }[] = [
  { id: "system", label: "Like the system", icon: Monitor },
  { id: "light", label: "Light", icon: Sun },
  { id: "dark", label: "Dark", icon: Moon },
];

interface HeaderProps {
  readonly onHelp: () => void;
  readonly onPalette: () => void;
}

export function Header({ onHelp, onPalette }: HeaderProps) {
  const [theme, setTheme] = useTheme();
  const canSignOut = useSession(({ required, state }) => required === true && state === "open");
  const ThemeIcon = THEMES.find(({ id }) => id === theme)?.icon ?? Monitor;

  return (
    <header className={styles.header}>
      <Link to="/workflows" className={styles.product} aria-label="Canvas">
        <img src="/favicon.svg" alt="" width={20} height={20} />
        <span className={styles.name}>Canvas</span>
      </Link>
      <Breadcrumbs />
      <button type="button" className={styles.palette} onClick={onPalette} aria-keyshortcuts="Control+K">
        <Search aria-hidden size={14} />
        <span className={styles.paletteText}>Go to…</span>
        <span aria-hidden className={styles.paletteKeys}>
          <Keys keys="mod+k" />
        </span>
      </button>
      <a href="/graphiql" className={styles.link}>
        GraphiQL
      </a>
      <Menu
        label="Theme"
        groups={[
          THEMES.map(({ id, label, icon }) => ({
            id,
            label,
            icon,
            checked: id === theme,
            onSelect: () => setTheme(id),
          })),
        ]}
      >
        <IconButton label="Theme" icon={ThemeIcon} />
      </Menu>
      <IconButton label="Keyboard shortcuts" keys="?" icon={CircleQuestionMark} onClick={onHelp} />
      {canSignOut && <IconButton label="Sign out" icon={LogOut} onClick={() => void signOut()} />}
    </header>
  );
}

/** Where the reader is; the last one is the page's heading. */
function Breadcrumbs() {
  const crumbs = useBreadcrumbs((state) => state.crumbs);
  const above = crumbs.slice(0, -1);
  const here = crumbs.at(-1);
  // The first page has a heading of its own.
  if (!here || above.length === 0) return <div className={styles.crumbs} />;
  return (
    <nav aria-label="Breadcrumbs" className={styles.crumbs}>
      <ol>
        {above.map((crumb) => (
          <li key={crumb.label} className={styles.crumb}>
            <ChevronRight aria-hidden size={14} className={styles.separator} />
            <CrumbText crumb={crumb} />
          </li>
        ))}
        <li className={styles.crumb} aria-current="page">
          <ChevronRight aria-hidden size={14} className={styles.separator} />
          <h1 className={styles.here}>
            <CrumbText crumb={here} />
          </h1>
        </li>
      </ol>
    </nav>
  );
}

function CrumbText({ crumb: { label, to } }: { readonly crumb: Crumb }) {
  return to === undefined ? (
    <span className={styles.crumbText}>{label}</span>
  ) : (
    <Link to={to} className={styles.crumbText}>
      {label}
    </Link>
  );
}
