/**
 * What is used here of the OpenTelemetry Protocol's `ExportTraceServiceRequest`, in its JSON encoding: ids in hexadecimal,
 * 64-bit numbers as decimal strings, enums as numbers
 * (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).
 */
export interface TraceRequest {
  readonly resourceSpans: readonly [
    {
      readonly resource: { readonly attributes: readonly KeyValue[] };
      readonly scopeSpans: readonly [{ readonly scope: { readonly name: string; readonly version: string }; readonly spans: readonly OtlpSpan[] }];
    },
  ];
}

export type AnyValue = { readonly stringValue: string } | { readonly boolValue: boolean } | { readonly intValue: string };

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

export const OtlpSpanKind = { INTERNAL: 1, PRODUCER: 4, CONSUMER: 5 } as const;
export const OtlpStatusCode = { UNSET: 0, OK: 1, ERROR: 2 } as const;
/** SpanFlags: it is known whether the context of a link is remote, and it is. */
export const REMOTE_LINK = 0x300;

export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly { readonly timeUnixNano: string; readonly name: string; readonly attributes: readonly KeyValue[] }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string; readonly flags: number; readonly attributes: readonly KeyValue[] }[];
  readonly status: { readonly code: number; readonly message?: string };
}

/** Attributes without those that have no value. */
export function attributesOf(values: Readonly<Record<string, string | number | boolean | null>>): readonly KeyValue[] {
  const attributes: KeyValue[] = [];
  for (const [key, value] of Object.entries(values)) {
    if (value === null) continue;
    if (typeof value === 'boolean') attributes.push({ key, value: { boolValue: value } });
    else if (typeof value === 'number') attributes.push({ key, value: { intValue: String(value) } });
    else attributes.push({ key, value: { stringValue: value } });
  }
  return attributes;
}

/** An instant in ms since 1970 as nanoseconds; one before 1970 is 1970, as the protocol has none. */
export function nanoseconds(ms: number): string {
  return String(BigInt(Math.max(0, Math.trunc(ms))) * 1_000_000n);
}
