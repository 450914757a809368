import { RotateCw } from "lucide-react";
import { Component } from "react";
import type { ReactNode } from "react";

import { Button, ErrorState } from "@/ui";

interface ErrorBoundaryProps {
  readonly children: ReactNode;
  /** When it changes, the content gets another chance: the reader went elsewhere. */
  readonly resetKey?: string;
}

interface ErrorBoundaryState {
  readonly error: Error | null;
  readonly resetKey: string | undefined;
}

/** Files of an older version are gone after an update of the server. */
const isMissingChunk = (error: Error) =>
  /dynamically imported module|importing a module script|Unable to preload/i.test(error.message);

/** Keeps a fault of one part from blanking the whole page. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { error: null, resetKey: this.props.resetKey };

  static getDerivedStateFromError(error: unknown): Partial<ErrorBoundaryState> {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  static getDerivedStateFromProps(
    { resetKey }: ErrorBoundaryProps,
    state: ErrorBoundaryState,
  ): Partial<ErrorBoundaryState> | null {
    return resetKey === state.resetKey ? null : { error: null, resetKey };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    const reload = (
      <Button icon={RotateCw} onClick={() => location.reload()}>
        Reload the page
      </Button>
    );
    if (isMissingChunk(error)) {
      return (
        <ErrorState title="This part could not be loaded" actions={reload}>
          The server cannot be reached, or it was updated since the page was opened.
        </ErrorState>
      );
    }
    return (
      <ErrorState
        title="This part of the page has failed"
        onRetry={() => this.setState({ error: null })}
        actions={reload}
      >
        {error.message}
      </ErrorState>
    );
  }
}
