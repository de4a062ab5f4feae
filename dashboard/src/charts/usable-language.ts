/**
 * uPlot makes a number format for `navigator.language` as it is loaded. Chromium in the locale of POSIX calls its language
 * `en-US@posix`, which is no language tag (BCP 47), and Intl throws. To be imported before uPlot.
 */
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: navigator.language.split('@', 1)[0], configurable: true });
}
