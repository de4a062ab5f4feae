/** The mark of TaskTracker: decoration, never the only name of a control. */
export function Logo({ size }: { readonly size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#3b5bdb" />
      <path d="M8 10h9M8 16h6M8 22h4" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" opacity=".75" />
      <path d="m16 20.500 3.600 3.600L26 14" fill="none" stroke="#fff" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
