import { useEffect } from "react";
import { create } from "zustand";

export interface Crumb {
  readonly label: string;
  /** Without it, it is where the reader is. */
  readonly to?: string;
}

const PRODUCT = "Canvas";

export const useBreadcrumbs = create<{ readonly crumbs: readonly Crumb[] }>(() => ({ crumbs: [] }));

/** Says where the reader is, in the header and in the window's title. */
export function usePlace(...crumbs: readonly Crumb[]): void {
  const key = JSON.stringify(crumbs);
  useEffect(() => {
    const place = JSON.parse(key) as readonly Crumb[];
    useBreadcrumbs.setState({ crumbs: place });
    document.title = [...place.map(({ label }) => label).toReversed(), PRODUCT].join(" · ");
  }, [key]);
}
