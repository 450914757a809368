import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../schema.graphql",
  documents: ["src/**/*.{ts,tsx}", "!src/graphql/generated/**"],
  ignoreNoDocuments: true,
  silent: true,
  generates: {
    "./src/graphql/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        scalars: { DateTime: "string", JSON: "unknown", UUID: "string" },
        strictScalars: true,
        enumType: "string-literal",
        immutableTypes: true,
        useTypeImports: true,
        arrayInputCoercion: false,
        dedupeFragments: true,
      },
    },
  },
};

export default config;
