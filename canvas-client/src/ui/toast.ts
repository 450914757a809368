import { create } from "zustand";

export interface Toast {
  readonly id: number;
  readonly tone: "ok" | "error";
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

interface Toasts {
  readonly toasts: readonly Toast[];
}

/** More than this is not read; the oldest goes. */
const MOST = 3;

export const useToasts = create<Toasts>(() => ({ toasts: [] }));

let next = 0;

/** Tells the outcome of something that the user did. What happens by itself is shown where it happens. */
export function toast(text: string, options: Partial<Pick<Toast, "tone" | "action">> = {}): void {
  next += 1;
  const made: Toast = { id: next, tone: "ok", text, ...options };
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts, made].slice(-MOST) }));
}

export function dismissToast(id: number): void {
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) }));
}
