import { ChevronRight, CircleQuestionMark, Monitor, Moon, Search, Sun } from "lucide-react";
import { Fragment } from "react";
import { Link } from "react-router";

import { IconButton, Keys, Menu } from "@/ui";

import styles from "./Header.module.css";
import { useBreadcrumbs } from "./breadcrumbs";
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
  const ThemeIcon = THEMES.find(({ id }) => id === theme)?.icon ?? Monitor;

  return (
    <header className={styles.header}>
      <Link to="/workflows" className={styles.product}>
        <img src="/favicon.svg" alt="" width={20} height={20} />
        <span className={styles.name}>Canvas</span>
      </Link>
      <Breadcrumbs />
      <button
        type="button"
        className={styles.palette}
        onClick={onPalette}
        aria-label="Go to anything"
        aria-keyshortcuts="Control+K"
      >
        <Search aria-hidden size={14} />
        <span className={styles.paletteText}>Go to…</span>
        <span className={styles.paletteKeys}>
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
    </header>
  );
}

function Breadcrumbs() {
  const crumbs = useBreadcrumbs((state) => state.crumbs);
  // The first page names itself.
  if (crumbs.length < 2) return <div className={styles.crumbs} />;
  return (
    <nav aria-label="Breadcrumbs" className={styles.crumbs}>
      <ol>
        {crumbs.map(({ label, to }) => (
          <Fragment key={label}>
            <li aria-hidden className={styles.separator}>
              <ChevronRight size={14} />
            </li>
            <li className={styles.crumb}>
              {to === undefined ? <span aria-current="page">{label}</span> : <Link to={to}>{label}</Link>}
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  );
}
