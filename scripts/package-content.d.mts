export function problemsOfPackage(packed: { readonly size: number; readonly files: readonly { readonly path: string }[] }, root: string): string[];
