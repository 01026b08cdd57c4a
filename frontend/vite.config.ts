import { defineConfig, type Plugin } from "vite";

/** What is left of line breaks in minified code stands in templates, where a space does as well. */
const squeezed = (): Plugin => ({
  name: "squeezed-templates",
  enforce: "pre",
  transform(code, id) {
    if (!id.endsWith("-styles.ts")) return undefined;
    return code.replace(/\s+/g, " ").replace(/ ?([{};,]) ?/g, "$1").replace(/: /g, ":");
  },
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === "chunk") chunk.code = chunk.code.trim().replace(/\s*\n\s*/g, " ") + "\n";
    }
  },
});

// The first module has its content in its name, so that browsers never keep an old one.
export default defineConfig({
  base: "./",
  plugins: [squeezed()],
  build: {
    outDir: "../custom_components/optivgi/frontend",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    rollupOptions: {
      input: "src/card.ts",
      preserveEntrySignatures: false,
      output: {
        format: "es",
        entryFileNames: "card-[hash].js",
        chunkFileNames: "[name]-[hash].js",
      },
    },
  },
});
