import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.ORCHEO_TRACE_URL ?? "http://127.0.0.1:8000";

// The server refuses requests whose `Origin` is not its own, and the page comes from Vite while it is worked on.
const proxied = { target: server, changeOrigin: true, headers: { origin: new URL(server).origin } };

// What the server sends with the built page, so that a preview fails where the product would.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; " +
  "frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2023",
    // The server's policy allows neither inline scripts nor inline fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // "use client" is for servers that render React; there is none here.
      onLog: (level, log, forward) => log.code === "MODULE_LEVEL_DIRECTIVE" || forward(level, log),
    },
  },
  server: {
    proxy: {
      "/graphql": { ...proxied, ws: true },
      "/graphiql": proxied,
      "/api": proxied,
    },
  },
  preview: {
    headers: { "content-security-policy": policy },
    proxy: {
      "/graphql": { ...proxied, ws: true },
      "/graphiql": proxied,
      "/api": proxied,
    },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    globals: true,
    setupFiles: ["./src/testing/setup.ts"],
    css: { modules: { classNameStrategy: "non-scoped" } },
    // Each file needs a document of its own, but not a process of its own.
    pool: "threads",
    maxWorkers: 1,
    restoreMocks: true,
    testTimeout: 20_000,
    coverage: {
      include: ["src/**/*.{ts,tsx}"],
      exclude: ["src/graphql/generated/**", "src/testing/**", "src/main.tsx"],
    },
  },
});
