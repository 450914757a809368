import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./style.css";

import { Explorer } from "./Explorer";
import { SignIn } from "./SignIn";

const root = document.getElementById("root");
if (!root) {
  throw new Error("index.html has no #root");
}
createRoot(root).render(
  <StrictMode>
    <SignIn>
      <Explorer />
    </SignIn>
  </StrictMode>,
);
