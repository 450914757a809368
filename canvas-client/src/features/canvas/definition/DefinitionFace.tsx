import type { CanvasWorkflow, Definition } from "../api/useDefinition";

interface DefinitionFaceProps {
  readonly workflow: CanvasWorkflow;
  readonly definition: Definition | null;
  readonly version: number;
  readonly onVersion: (version: number) => void;
}

/** The definition as text. */
export function DefinitionFace({ definition }: DefinitionFaceProps) {
  return <pre>{definition?.source}</pre>;
}
