// A device in another thread, which does tasks of questions to a device here (transport/tasks/crew.ts),
// and the form in which a model goes there.

import type { Kernels } from "../engine/kernels.js";
import { resolveModel } from "../model/resolve/resolve.js";
import type { ResolvedModel } from "../model/types.js";
import { AngleMeter, type AngleSetting, type AngleTask } from "../motor/sampling/angle.js";
import type { DoTask, Helping } from "../run/helper.js";
import { attempt, type CrewJob, type TaskKind } from "../transport/tasks/crew.js";
import { DeviceContext } from "./context.js";

/** A model as plain data: after its checks, or as it was written. */
type Portable = { resolved: ResolvedModel } | { written: unknown };

/**
 * The model in a form that can be sent to another thread, or undefined if functions belong to it. A
 * change of `written` afterwards has no effect on it.
 */
export function portableModel(written: unknown, resolved: ResolvedModel): Portable | undefined {
  const { hamiltonianFunction, scattering, leads } = resolved.device;
  const functional = hamiltonianFunction || scattering || leads.some((lead) => "evaluate" in lead);
  // Tasks contain the parameters at their angles, so that nobody else needs the cycle.
  if (!functional) return { resolved: { ...resolved, cycle: undefined } };
  try {
    return { written: structuredClone({ ...(written as object), cycle: undefined }) };
  } catch {
    return undefined;
  }
}

/** Makes what does the tasks of a kind, and the solver that it uses. */
type Kind = (
  context: DeviceContext,
  setting: never,
) => { solver: Parameters<typeof attempt>[0]; work: (task: never) => unknown };

const kinds: Record<TaskKind, Kind> = {
  angles: (context, setting: AngleSetting) => {
    const solver = context.cycleSolver();
    const meter = new AngleMeter(solver, context.parameterNames, setting);
    return { solver, work: (task: AngleTask) => meter.measure(task) };
  },
};

/** Makes the device of a model that `portableModel` has returned. */
export function openHelping(kernels: Kernels, model: unknown): Helping {
  const portable = model as Portable;
  const resolved = "resolved" in portable ? portable.resolved : resolveModel(portable.written);
  const owner = {};
  const context = new DeviceContext(kernels, resolved, owner);
  let last: ({ jobId: number; solver: object } & ReturnType<Kind>) | undefined;
  return {
    question: (job: CrewJob, jobId: number, during: (work: DoTask) => void) =>
      context.ask(() => {
        // The context replaces its solvers after a defect.
        if (last?.jobId !== jobId || last.solver !== context.cycleSolver())
          last = { jobId, ...kinds[job.kind](context, job.setting as never) };
        const { solver, work } = last;
        during((task, allowance) => attempt(solver, allowance, () => work(task as never)));
      }),
    close: () => context.close(),
  };
}
