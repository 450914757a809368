export { CompareMenu } from "./CompareMenu";
export { RunComparison } from "./RunComparison";
