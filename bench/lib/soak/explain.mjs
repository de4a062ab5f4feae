/** An error in one line, with what `fetch` keeps in its cause. */
export const explain = ({ name, message, cause }) => [`${name}: ${message}`, cause?.code, cause?.message].filter(Boolean).join('; ');
