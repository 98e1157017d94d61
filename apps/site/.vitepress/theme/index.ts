// The theme without its web fonts: pages use the fonts of the system.
import type { Theme } from "vitepress";
import theme from "vitepress/theme-without-fonts";
import "./fonts.css";

const siteTheme: Theme = {
  extends: theme,
  enhanceApp: ({ app }) => {
    if (typeof window !== "undefined") return;
    // Vue reports an error of rendering, and VitePress then writes the page without that part. This fails the build.
    app.config.errorHandler = (error) => {
      console.error(error);
      process.exitCode = 1;
    };
  },
};

export default siteTheme;
