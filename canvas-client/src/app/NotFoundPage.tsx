import { Compass } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { EmptyState } from "@/ui";

import { usePlace } from "./breadcrumbs";

interface NotFoundPageProps {
  readonly title?: string;
  readonly children?: ReactNode;
}

/** For an address that no page has. */
export function UnknownPage() {
  usePlace({ label: "Workflows", to: "/workflows" }, { label: "Not found" });
  return <NotFoundPage />;
}

/** For an address that leads nowhere: what was looked for, and the way back. */
export function NotFoundPage({
  title = "There is no such page",
  children = "The address may be mistyped, or from an older version.",
}: NotFoundPageProps) {
  return (
    <EmptyState icon={Compass} title={title} actions={<Link to="/workflows">All workflows</Link>}>
      {children}
    </EmptyState>
  );
}
