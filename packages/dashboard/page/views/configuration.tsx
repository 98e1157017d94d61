import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Data, Empty, SearchField, ViewHeader } from "../parts/basics.tsx";
import { useTopics } from "../state/live-connection.ts";
import { useData } from "../state/use-data.ts";

/** The configuration in force, with all defaults. */
export function ConfigurationView(): JSX.Element {
  useTopics("overview");
  const [configuration, reload] = useData<Readonly<Record<string, unknown>>>("/api/configuration");
  const [text, setText] = useState("");
  return (
    <>
      <ViewHeader title="Configuration" note="in force, with all defaults; secrets are masked">
        <SearchField label="Filter options" value={text} onChange={setText} />
      </ViewHeader>
      <Data from={configuration} onRetry={reload}>
        {(values) => <Sections values={values} text={text.toLowerCase()} />}
      </Data>
      <p class="licenses">
        <a href="/assets/licenses.txt">Licenses of the libraries of this page</a>
      </p>
    </>
  );
}

/** One value, with the path of its option. */
interface Option {
  readonly path: string;
  readonly value: unknown;
}

function Sections({
  values,
  text,
}: {
  readonly values: Readonly<Record<string, unknown>>;
  readonly text: string;
}): JSX.Element {
  const sections = sectionsOf(values)
    .map(({ title, options }) => ({ title, options: options.filter(({ path }) => path.toLowerCase().includes(text)) }))
    .filter(({ options }) => options.length > 0);
  if (sections.length === 0) return <Empty icon="search" title="No option matches the filter" />;
  return (
    <div class="configuration">
      {sections.map(({ title, options }) => (
        <section key={title} class="card" aria-label={title}>
          <h2>{title}</h2>
          <dl class="options">
            {options.map(({ path, value }) => (
              <div key={path}>
                <dt>
                  <code>{path}</code>
                </dt>
                <dd>
                  <Value value={value} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

/** The options of the host, then those of each pool. */
function sectionsOf(
  values: Readonly<Record<string, unknown>>,
): readonly { title: string; options: readonly Option[] }[] {
  const { pools, ...host } = values;
  const byPool = isRecord(pools) ? Object.entries(pools) : [];
  return [
    { title: "Host", options: optionsOf(host) },
    ...byPool.map(([name, pool]) => ({ title: `Pool ${name}`, options: isRecord(pool) ? optionsOf(pool) : [] })),
  ];
}

function optionsOf(values: Readonly<Record<string, unknown>>, prefix = ""): readonly Option[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const path = prefix + name;
    return isRecord(value) && Object.keys(value).length > 0 ? optionsOf(value, `${path}.`) : [{ path, value }];
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function Value({ value }: { readonly value: unknown }): JSX.Element {
  if (value === undefined || value === null) return <span class="note">not set</span>;
  if (typeof value === "boolean") return <span class={value ? "value-on" : "value-off"}>{value ? "on" : "off"}</span>;
  if (Array.isArray(value) && value.length === 0) return <span class="note">none</span>;
  return <code>{typeof value === "string" ? value : JSON.stringify(value)}</code>;
}
