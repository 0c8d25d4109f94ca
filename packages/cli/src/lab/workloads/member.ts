import * as v from 'valibot';
import type { Workload } from '../roles.js';

/** A duration in a suite's file. */
export const milliseconds = v.pipe(v.number(), v.minValue(0), v.maxValue(3_600_000));

/** A workload with the form of its options, as a suite's file may state them; all that may be left out has a default. */
export interface WorkloadMember<Options extends v.GenericSchema> extends Workload<v.InferOutput<Options>> {
  readonly title: string;
  readonly options: Options;
}
