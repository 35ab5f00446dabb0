/** What the server extension answers, and how it is asked. */

import { URLExt } from "@jupyterlab/coreutils";
import { ServerConnection } from "@jupyterlab/services";

export type Level = "normal" | "warning" | "critical";

/** Something that the machine is short of. `kind` and `about` name it; `since` is Unix seconds. */
export interface Alert {
  kind: string;
  about: string;
  level: Level;
  since: number;
  text: string;
}

/** What a kernel takes with all that it started: percent of one core, MiB. */
export interface KernelUse {
  id: string;
  pid: number;
  cpu: number | null;
  memory: number | null;
  processes: number;
}

/** One process: percent of one core, MiB. */
export interface Process {
  pid: number;
  name: string;
  user: string | null;
  cpu: number | null;
  memory: number | null;
  command: string | null;
}

/** The answer of `procwidget/state`; the last three keys are there where processes were asked for. */
export interface HostState {
  time: number;
  interval: number;
  level: Level;
  text: string;
  alerts: Alert[];
  /** What counts of CPU and memory, the host's or a container's; memory in bytes. */
  effective: {
    cpus: number;
    cpu_usage: number | null;
    memory_used: number | null;
    memory_total: number | null;
  };
  thresholds: Record<string, [number, number]>;
  kernels: KernelUse[];
  dashboard: string;
  processes?: Process[];
  found?: number;
  problem?: string | null;
}

/** Which processes are asked for. */
export interface Listing {
  count: number;
  sort: "cpu" | "memory";
  search: string;
}

/** How a kernel ended that nobody asked to end. `time` is Unix seconds. */
export interface Death {
  time: number;
  notebook: string | null;
  text: string;
}

/** The server answered, and said no. `message` is a sentence for people. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

async function ask<T>(path: string, parameters: Record<string, string>): Promise<T> {
  const settings = ServerConnection.makeSettings();
  const url = URLExt.join(settings.baseUrl, "procwidget", path) + URLExt.objectToQueryString(parameters);
  // What says 'no-store' gets a parameter of its own that the route would refuse.
  const response = await ServerConnection.makeRequest(url, { cache: "no-cache" }, settings);
  if (!response.ok) {
    const said = await response.json().catch(() => ({}));
    throw new Refusal(String(said.message || response.statusText), response.status);
  }
  return response.json();
}

/** Ask for the state of the host, and for some of its processes. */
export function askState(listing: Listing | null): Promise<HostState> {
  return ask("state", listing ? { n: String(listing.count), sort: listing.sort, search: listing.search } : {});
}

/** Ask how kernels died, the newest last; none where the server does not know. */
export async function askDeaths(): Promise<Death[]> {
  return (await ask<{ deaths: Death[] }>("deaths", {})).deaths;
}
