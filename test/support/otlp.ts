import { z } from 'zod';

/**
 * `opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest` (opentelemetry-proto 1.x: trace.proto, common.proto,
 * resource.proto) in its JSON encoding, written down field by field and strictly: a field that is none, or of another
 * type, is refused. Ids are hexadecimal (not base64), 64-bit numbers decimal strings, enums numbers.
 */
const uint32 = z.number().int().min(0).max(0xffff_ffff);
const int32 = z.number().int().min(-0x8000_0000).max(0x7fff_ffff);
const fixed64 = z
  .string()
  .regex(/^\d{1,20}$/)
  .refine((text) => BigInt(text) < 2n ** 64n);
const int64 = z
  .string()
  .regex(/^-?\d{1,19}$/)
  .refine((text) => BigInt(text) >= -(2n ** 63n) && BigInt(text) < 2n ** 63n);
const id = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
    .refine((text) => !/^0+$/.test(text));
const traceId = id(16);
const spanId = id(8);

/** A oneof: exactly one of them. */
const oneOf = (value: Record<string, unknown>): boolean => Object.keys(value).length === 1;

const anyValue: z.ZodType = z.lazy(() =>
  z
    .strictObject({
      stringValue: z.string().optional(),
      boolValue: z.boolean().optional(),
      intValue: int64.optional(),
      doubleValue: z.number().optional(),
      arrayValue: z.strictObject({ values: z.array(anyValue).optional() }).optional(),
      kvlistValue: z.strictObject({ values: z.array(keyValue).optional() }).optional(),
      bytesValue: z.base64().optional(),
      stringValueStrindex: int32.optional(),
    })
    .refine(oneOf),
);
const keyValue: z.ZodType = z.lazy(() => z.strictObject({ key: z.string().min(1), value: anyValue, keyStrindex: int32.optional() }));
const attributes = z.array(keyValue).refine((all) => new Set(all.map((each) => (each as { key: string }).key)).size === all.length, 'attribute keys must be unique');

const span = z
  .strictObject({
    traceId,
    spanId,
    traceState: z.string().optional(),
    parentSpanId: spanId.optional(),
    flags: uint32.optional(),
    name: z.string().min(1),
    kind: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]),
    startTimeUnixNano: fixed64,
    endTimeUnixNano: fixed64,
    attributes: attributes.optional(),
    droppedAttributesCount: uint32.optional(),
    events: z.array(z.strictObject({ timeUnixNano: fixed64, name: z.string().min(1), attributes: attributes.optional(), droppedAttributesCount: uint32.optional() })).optional(),
    droppedEventsCount: uint32.optional(),
    links: z
      .array(z.strictObject({ traceId, spanId, traceState: z.string().optional(), attributes: attributes.optional(), droppedAttributesCount: uint32.optional(), flags: uint32.optional() }))
      .optional(),
    droppedLinksCount: uint32.optional(),
    status: z.strictObject({ message: z.string().optional(), code: z.union([z.literal(0), z.literal(1), z.literal(2)]).optional() }).optional(),
  })
  .refine((each) => BigInt(each.endTimeUnixNano) >= BigInt(each.startTimeUnixNano), 'a span ends at or after its start');

const scope = z.strictObject({ name: z.string(), version: z.string().optional(), attributes: attributes.optional(), droppedAttributesCount: uint32.optional() });
const entityRef = z.strictObject({ schemaUrl: z.string().optional(), type: z.string().min(1), idKeys: z.array(z.string()), descriptionKeys: z.array(z.string()).optional() });
const resource = z.strictObject({ attributes: attributes.optional(), droppedAttributesCount: uint32.optional(), entityRefs: z.array(entityRef).optional() });

export const exportTraceServiceRequest = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: resource.optional(),
      scopeSpans: z.array(z.strictObject({ scope: scope.optional(), spans: z.array(span), schemaUrl: z.string().optional() })),
      schemaUrl: z.string().optional(),
    }),
  ),
});

export type ReadSpan = z.infer<typeof span>;

/** The spans of a request; throws where it does not keep to the protocol, or a parent is not there. */
export function spansOf(request: unknown): readonly ReadSpan[] {
  const read = exportTraceServiceRequest.parse(request);
  const spans = read.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((each) => each.spans));
  const ids = new Set(spans.map((each) => each.spanId));
  if (ids.size !== spans.length) throw new Error('a span id is there twice');
  for (const { parentSpanId, name } of spans) if (parentSpanId !== undefined && !ids.has(parentSpanId)) throw new Error(`the parent of ${name} is not there`);
  return spans;
}

/** The plain value of an attribute. */
export function attributeOf(holder: { readonly attributes?: readonly unknown[] | undefined } | undefined, key: string): unknown {
  const found = (holder?.attributes as readonly { key: string; value: Record<string, unknown> }[] | undefined)?.find((each) => each.key === key);
  return found && Object.values(found.value)[0];
}
