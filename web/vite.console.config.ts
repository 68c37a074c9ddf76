import { svelte } from '@sveltejs/vite-plugin-svelte'
import { copyFileSync } from 'node:fs'
import { defineConfig } from 'vite'

// The page that stampede serves: one script, one style sheet, and console.html, which needs no change. As with the report, the same sources
// give the same bytes, and check.sh compares them with what is committed.
export default defineConfig({
  plugins: [svelte(), { name: 'page', writeBundle: (o: { dir?: string }) => copyFileSync('console.html', `${o.dir}/console.html`) }],
  build: {
    outDir: '../internal/console/dist',
    emptyOutDir: true,
    target: ['chrome100', 'firefox113', 'safari16.4'],
    modulePreload: false,
    cssCodeSplit: false,
    rollupOptions: {
      input: 'src/console/console.ts',
      output: { format: 'iife', entryFileNames: 'console.js', assetFileNames: 'console[extname]' },
    },
  },
} as Parameters<typeof defineConfig>[0])
