// Values and their bytes, without the frames: importing this entry point does not load protobuf.

export { PROTOCOL_VERSION } from "./protocol-version.ts";
export { decodeValue } from "./values/decode-value.ts";
export { type EncodeOptions, encodeValue } from "./values/encode-value.ts";
export { Complex } from "./values/extensions/complex.ts";
export { Decimal } from "./values/extensions/decimal.ts";
export type { Dtype, TypedArray } from "./values/extensions/dtype.ts";
export { isNdArray, type NdArray, ndarray } from "./values/extensions/ndarray.ts";
export { PlainDate } from "./values/extensions/plain-date.ts";
export { PlainTime, type PlainTimeParts } from "./values/extensions/plain-time.ts";
export { TimeDelta } from "./values/extensions/time-delta.ts";
export { Unsendable } from "./values/extensions/unsendable.ts";
export { Uuid } from "./values/extensions/uuid.ts";
export { ZonedDate, type ZonedDateParts } from "./values/extensions/zoned-date.ts";
export { type JsonValueOptions, jsonValue } from "./values/json/json-value.ts";
export { type LargeIntegers, nestElements } from "./values/json/nested-lists.ts";
export { valueCodec } from "./values/value-codec.ts";
