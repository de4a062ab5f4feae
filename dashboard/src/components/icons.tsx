import type { ReactNode } from 'react';

/** Icons of the dashboard: decoration, never the only name of a control. */
function icon(name: string, children: ReactNode) {
  function Icon({ size = 16 }: { readonly size?: number }) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth={2}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {children}
      </svg>
    );
  }
  Icon.displayName = `${name}Icon`;
  return Icon;
}

export const SearchIcon = icon('Search', <path d="M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14Zm5 12 4.500 4.500" />);
export const SunIcon = icon('Sun', <path d="M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8Zm0-6v2m0 16v2M2 12h2m16 0h2M5 5l1.400 1.400m11.200 11.200L19 19M5 19l1.400-1.400M17.600 6.400 19 5" />);
export const MoonIcon = icon('Moon', <path d="M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500Z" />);
export const AutoIcon = icon('Auto', <path d="M4 5h16v11H4zM9 20h6m-3-4v4" />);
export const HelpIcon = icon('Help', <path d="M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Zm-2.400 6.800a2.400 2.400 0 1 1 3.600 2.100c-.8.400-1.200.900-1.200 1.700m0 3h.01" />);
export const CopyIcon = icon('Copy', <path d="M9 9h11v11H9zM5 15H4V4h11v1" />);
export const CheckIcon = icon('Check', <path d="m5 12.500 4.500 4.500L19 7.500" />);
export const WarningIcon = icon('Warning', <path d="M12 4 2.800 20h18.400L12 4Zm0 6v4.500m0 2.800h.01" />);
export const ArrowUpIcon = icon('ArrowUp', <path d="M12 19V5m-6 6 6-6 6 6" />);
export const ArrowDownIcon = icon('ArrowDown', <path d="M12 5v14m-6-6 6 6 6-6" />);
export const ChevronRightIcon = icon('ChevronRight', <path d="m9 5 7 7-7 7" />);
export const TableIcon = icon('Table', <path d="M4 5h16v14H4zM4 10h16M4 14.500h16M10 10v9" />);
export const ChartIcon = icon('Chart', <path d="M4 20V4m0 16h16M8 16v-4m4 4V8m4 8v-6" />);
export const RefreshIcon = icon('Refresh', <path d="M20 11a8 8 0 0 0-14.900-3M4 4v4h4m-4 5a8 8 0 0 0 14.900 3m1.100 4v-4h-4" />);
export const CloseIcon = icon('Close', <path d="M6 6l12 12M18 6 6 18" />);
export const InboxIcon = icon('Inbox', <path d="M4 13l3-8h10l3 8v6H4v-6Zm0 0h5l1.200 2.500h3.600L15 13h5" />);
