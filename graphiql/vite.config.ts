import { defineConfig } from "vite";

export default defineConfig({
  base: "/graphiql/",
  build: {
    // The server's policy allows no inline scripts, and Monaco's workers and fonts are files of their own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Monaco is one large piece that is fetched once.
    chunkSizeWarningLimit: 8_000,
    rolldownOptions: {
      // "use client" is for servers that render React; there is none here.
      onLog: (level, log, forward) => log.code === "MODULE_LEVEL_DIRECTIVE" || forward(level, log),
    },
  },
  worker: { format: "es" },
  server: {
    // For working on this page: `npx vite` beside a running server.
    proxy: { "/api": "http://127.0.0.1:8000", "/graphql": { target: "http://127.0.0.1:8000", ws: true } },
  },
});
