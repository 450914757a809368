import "@/ui/tokens.css";
import "@/ui/base.css";

import { createRoot } from "react-dom/client";

import { App } from "@/app/App";
import { applyTheme } from "@/app/theme";

applyTheme();

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(<App />);
