export { CanvasTab } from "./CanvasTab";
