export { DefinitionFace } from "./DefinitionFace";
