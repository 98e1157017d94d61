// The theme without its web fonts: pages use the fonts of the system.
import type { Theme } from "vitepress";
import theme from "vitepress/theme-without-fonts";
import "./fonts.css";

const siteTheme: Theme = {
  extends: theme,
  enhanceApp: ({ app }) => {
    // Vue logs an error of rendering, and the build would go on without that part of the page.
    app.config.errorHandler = (error) => {
      throw error;
    };
  },
};

export default siteTheme;
