// What a browser takes of the machine's memory. Linux only: elsewhere nothing tells.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";

/** Sums a figure of /proc over the renderers of a profile's browser, in bytes; null where there is none. */
export function rendererMemory(journey, profile, figure) {
  if (process.platform !== "linux") return null;
  const marker = `profile-${profile.label}`;
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      readlinkSync(`/proc/${pid}/exe`);
      return [{ pid, command, status, parent: status.match(/^PPid:\s+(\d+)/m)[1] }];
    } catch {
      return [];
    }
  });
  const family = new Set(processes.filter(({ command }) => command.includes(`${journey.folder}/${marker}`)).map(({ pid }) => pid));
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  const renderers = processes.filter(({ pid, command }) => family.has(pid) && command.includes("--type=renderer"));
  const sum = renderers.reduce((sum, { status }) => sum + 1024 * Number(status.match(new RegExp(`^${figure}:\\s+(\\d+)`, "m"))?.[1] ?? 0), 0);
  // Else a browser that is not found would take no memory.
  assert.ok(sum > 0, `no renderer of ${marker} tells its ${figure}`);
  return sum;
}
