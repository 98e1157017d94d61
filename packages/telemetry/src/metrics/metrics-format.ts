/** The text format of Prometheus, and that of OpenMetrics. */
export type MetricsFormat = "prometheus" | "openmetrics";

export const CONTENT_TYPES: Readonly<Record<MetricsFormat, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/**
 * Returns the format that a client prefers according to its header `accept`
 * (https://www.rfc-editor.org/rfc/rfc9110#name-accept): that of Prometheus, unless it names OpenMetrics.
 */
export function preferredFormat(accept: string | undefined): MetricsFormat {
  const openMetrics = quality(accept ?? "", "application/openmetrics-text");
  return openMetrics > 0 && openMetrics >= quality(accept ?? "", "text/plain") ? "openmetrics" : "prometheus";
}

/** Returns the highest quality of a media type in the header, from 0 to 1; 0 without it. */
function quality(accept: string, mediaType: string): number {
  const qualities = accept.split(",").flatMap((each) => {
    const [type = "", ...parameters] = each.split(";").map((part) => part.trim().toLowerCase());
    if (type !== mediaType) return [];
    const stated = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    return [stated === undefined ? 1 : Number(stated) || 0];
  });
  return Math.max(0, ...qualities);
}
