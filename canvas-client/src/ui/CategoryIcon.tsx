import { CATEGORIES, categoryColor } from "./category";
import type { CategoryKey } from "./category";
import styles from "./CategoryIcon.module.css";

interface CategoryIconProps {
  readonly category: CategoryKey;
  readonly size?: number;
  /** On a ground of its own hue. */
  readonly tinted?: boolean;
}

/** The category's icon in its hue. The name beside it says what the thing is, so it is hidden from assistive technology. */
export function CategoryIcon({ category, size = 14, tinted = false }: CategoryIconProps) {
  const { Icon } = CATEGORIES[category];
  const color = categoryColor(category, "text");
  if (!tinted) return <Icon aria-hidden size={size} color={color} />;
  return (
    <span
      aria-hidden
      className={styles.tinted}
      style={{
        color,
        backgroundColor: `color-mix(in srgb, ${categoryColor(category, "bar")} 14%, transparent)`,
        width: size + 8,
        height: size + 8,
      }}
    >
      <Icon size={size} />
    </span>
  );
}
