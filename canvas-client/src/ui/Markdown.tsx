import ReactMarkdown from "react-markdown";
import type { Components, Options } from "react-markdown";
import remarkGfm from "remark-gfm";

import styles from "./Markdown.module.css";
import { MarkedText } from "./MarkedText";
import { hasMarker } from "./markers";

type Plugin = NonNullable<Options["rehypePlugins"]>[number];

interface HastNode {
  type: string;
  tagName?: string;
  value?: string;
  properties?: Record<string, unknown>;
  children?: HastNode[];
}

/** Puts texts with markers into elements of their own, which are then drawn as `MarkedText`. */
const markText = (() => (root: HastNode) => {
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    node.children = node.children?.map((child) => {
      if (child.type !== "text" || !hasMarker(child.value ?? "")) return child;
      return { type: "element", tagName: "mark", properties: {}, children: [child] };
    });
    for (const child of node.children ?? []) if (child.tagName !== "mark") pending.push(child);
  }
}) as unknown as Plugin;

const COMPONENTS: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  ),
  // To load it would tell its host who reads this.
  img: ({ src, alt }) => (
    <span className={styles.image}>
      [image{alt ? `: ${alt}` : ""}] {typeof src === "string" && src}
    </span>
  ),
  table: ({ children }) => (
    <div className={styles.table}>
      <table>{children}</table>
    </div>
  ),
  mark: ({ children }) => (typeof children === "string" ? <MarkedText>{children}</MarkedText> : children),
};

/** Tables, struck text, check lists and bare addresses, as models write them. */
const SYNTAX = [remarkGfm];
const PLUGINS = [markText];

/** Markdown from outside: no HTML in it is HTML, and nothing is loaded. */
export default function Markdown({ children }: { readonly children: string }) {
  return (
    <div className={styles.markdown}>
      <ReactMarkdown components={COMPONENTS} remarkPlugins={SYNTAX} rehypePlugins={PLUGINS}>
        {children}
      </ReactMarkdown>
    </div>
  );
}
